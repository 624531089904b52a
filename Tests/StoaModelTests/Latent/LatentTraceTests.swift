import Foundation
import StoaCore
import StoaModel
import StoaText
import StoaTestKit
import Testing

/// What is written down of latent steps, against a probe and double precision.
@Suite struct LatentTraceTests {
    @Test(arguments: FeedbackTests.models, [LatentFeedback.automatic, .soft(), .noise])
    func `a trace says what a probe finds`(_ tiny: TinyModel, _ feedback: LatentFeedback) async throws {
        let model = try await tiny.load()
        let prompt = sampleTokens(13, seed: 41, vocabulary: 96)
        let thought = try await model.think(
            prompt.inputs, thinking: Thinking(steps: 5, feedback: feedback, isTraced: true),
            stream: RandomStream(seed: 3))
        #expect(thought.trace.count == 5)
        let table = try effectiveEmbedding(tiny.path)
        let behind = try await statesBehind(thought, prompt, on: model)
        for (step, trace) in thought.trace.enumerated() {
            let probabilities = softmax(behind[step].logits)
            let order = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
            #expect(trace.lens.map { Int($0.id.rawValue) } == Array(order[..<5]))
            for token in trace.lens {
                #expect(abs(token.weight - probabilities[Int(token.id.rawValue)]) < 1e-6)
                #expect(token.text.isEmpty, "this model has no vocabulary")
            }
            let entropy = probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
            #expect(abs(trace.entropy - entropy) < 1e-6)
            let vector = doubles(thought.vectors[step])
            #expect(abs(trace.hiddenNorm / norm(doubles(behind[step].hidden)) - 1) < 1e-6)
            #expect(abs(trace.vectorNorm / norm(vector) - 1) < 1e-6)
            if step == 0 {
                #expect(trace.previousCosine == nil)
            } else {
                let found = try #require(trace.previousCosine)
                #expect(abs(found - cosine(vector, doubles(thought.vectors[step - 1]))) < 1e-6)
            }
            let cosines = table.map { cosine($0, vector) }
            let nearest = try #require(cosines.indices.max { cosines[$0] < cosines[$1] })
            #expect(Int(trace.nearest.id.rawValue) == nearest)
            #expect(abs(trace.nearest.weight - cosines[nearest]) < 1e-6)
        }
    }

    @Test func `a trace changes nothing of the thought`() async throws {
        let model = try await TinyModel(name: "gemma3", usesGGUF: true).load(.fast)
        let prompt = sampleTokens(13, seed: 42, vocabulary: 96).inputs
        for feedback in [LatentFeedback.automatic, .alignment, .argmax] {
            let plain = try await model.think(prompt, thinking: Thinking(steps: 5, feedback: feedback))
            let traced = try await model.think(prompt, thinking: Thinking(steps: 5, feedback: feedback, isTraced: true))
            #expect(plain.cache.contentHash == traced.cache.contentHash)
            #expect(plain.hidden == traced.hidden)
        }
    }

    @Test func `tokens have their text, and argmax lies on its own token`() async throws {
        let model = try await TinyChat().engine().model
        let tokenizer = try await model.tokenizer()
        let thought = try await model.think(
            [.token(TokenID(9))], thinking: Thinking(steps: 8, feedback: .argmax, isTraced: true))
        for trace in thought.trace {
            for token in trace.lens + [trace.nearest] {
                #expect(token.text == String(decoding: tokenizer.bytes(of: token.id), as: UTF8.self))
            }
            #expect(trace.nearest.id == trace.lens.first?.id)
            #expect(abs(trace.nearest.weight - 1) < 1e-6)
            #expect(LatentStepTrace(document: trace.document) == trace)
        }
    }
}
