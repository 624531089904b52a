import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// What becomes of hidden states on their way back in, mode by mode, on tiny models.
@Suite struct FeedbackTests {
    /// Tied, untied, scaled and quantised embeddings.
    static let models =
        ["llama", "qwen2", "llama3-rope", "gemma3"].map { TinyModel(name: $0, usesGGUF: true) } + [
            TinyModel(name: "llama-q4_1", usesGGUF: true), TinyModel(name: "gemma3-q5_0", usesGGUF: true),
        ]
    private static let prompt = sampleTokens(14, seed: 21, vocabulary: 96)
    private static let stream = RandomStream(seed: 5)

    private static func think(
        _ model: LocalModel, _ feedback: LatentFeedback, steps: Int = 6, prompt: [TokenID] = prompt,
        stream: RandomStream? = stream
    ) async throws -> LatentThought {
        try await model.think(
            prompt.inputs, thinking: Thinking(steps: steps, feedback: feedback), stream: stream)
    }

    @Test(arguments: models)
    func `states are those behind the vectors, whatever the mode`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load()
        let modes: [LatentFeedback] = [.automatic, .alignment, .identity, .soft(), .argmax, .noise]
        for mode in modes {
            let thought = try await Self.think(model, mode)
            #expect(thought.vectors.count == 6)
            #expect(thought.halt == .steps)
            #expect(thought.trace.isEmpty)
            let behind = try await statesBehind(thought, Self.prompt, on: model)
            #expect(sameBits(thought.states, behind.map(\.hidden)), "\(mode.word)")
            #expect(thought.cache.nextPosition == 20)
            #expect(thought.cache.segments.map(\.rows) == [0..<14, 14..<20])
        }
    }

    @Test(arguments: models)
    func `alignment maps, then rescales`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load()
        let thought = try await Self.think(model, .alignment)
        #expect(thought.alignment == (try await model.alignment().digest))
        let matrix = try await model.alignmentSystem().solution()
        let tau = Double(await model.meanEmbeddingNorm)
        for (state, vector) in zip(thought.states, thought.vectors) {
            let mapped = product(doubles(state), matrix)
            let expected = mapped.map { $0 * tau / norm(mapped) }
            #expect(largestDifference([doubles(vector)], [expected]) < 1e-5 * tau)
            #expect(abs(norm(doubles(vector)) / tau - 1) < 1e-6)
        }
    }

    @Test(arguments: models)
    func `automatic is alignment just where the head is not tied`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load(.fast)
        let isTied = try ModelWeights(path: tiny.path).configuration.tiedHead
        let automatic = try await Self.think(model, .automatic)
        let named = try await Self.think(model, isTied ? .identity : .alignment)
        let other = try await Self.think(model, isTied ? .alignment : .identity)
        #expect(automatic.cache.contentHash == named.cache.contentHash)
        #expect(automatic.alignment == named.alignment)
        #expect((automatic.alignment == nil) == isTied)
        #expect(sameBits(automatic.vectors, named.vectors))
        #expect(isTied || !sameBits(automatic.vectors, other.vectors))
        #expect(try await model.think(Self.prompt.inputs, steps: 6).cache.contentHash == named.cache.contentHash)
        #expect(try await Self.think(model, .automatic, steps: 0).alignment == nil)
    }

    @Test(arguments: models, Precision.allCases)
    func `argmax leaves what greedy decoding of the same words leaves`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let model = try await tiny.load(precision) { $0.prefixMemory = 0 }
        let thought = try await Self.think(model, .argmax, steps: 20)
        try await expectGreedy(thought, Self.prompt, on: model)
    }

    @Test(arguments: models)
    func `soft is the mean of all embeddings by their probabilities`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load()
        let table = try effectiveEmbedding(tiny.path)
        for temperature in [0.3, 1, 4] {
            let thought = try await Self.think(model, .soft(temperature: temperature))
            let behind = try await statesBehind(thought, Self.prompt, on: model)
            for (state, vector) in zip(behind, thought.vectors) {
                let expected = product(softmax(state.logits, temperature: temperature), table)
                #expect(largestDifference([doubles(vector)], [expected]) < 1e-5 * (1 + norm(expected)))
            }
        }
    }

    @Test(arguments: models)
    func `soft without noise at temperature 0, or next to it, is argmax`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load(.fast)
        let argmax = try await Self.think(model, .argmax, steps: 12)
        for temperature in [0, 1e-9, 1e-6] {
            let soft = try await Self.think(model, .soft(temperature: temperature), steps: 12, stream: nil)
            #expect(sameBits(soft.vectors, argmax.vectors))
            #expect(soft.cache.contentHash == argmax.cache.contentHash)
        }
        #expect(!sameBits(try await Self.think(model, .soft()).vectors, argmax.vectors[..<6]))
    }

    @Test func `soft's noise has the deviation that was asked for, and comes from the seed`() async throws {
        let tiny = TinyModel(name: "gemma3", usesGGUF: true)
        let model = try await tiny.load(.fast)
        let elements = try effectiveEmbedding(tiny.path).joined()
        let root = (elements.reduce(0) { $0 + $1 * $1 } / Double(elements.count)).squareRoot()
        #expect(abs(await model.embeddingRootMeanSquare / root - 1) < 1e-6)
        let mean = try #require(try await Self.think(model, .soft(), steps: 1).vectors.first)
        var samples: [Double] = []
        var sums = [Double](repeating: 0, count: mean.count)
        for seed in 0..<200 {
            let feedback = LatentFeedback.soft(temperature: 1, noise: 0.5)
            let thought = try await Self.think(
                model, feedback, steps: 1, stream: RandomStream(seed: UInt64(seed)))
            let noise = zip(doubles(thought.vectors[0]), doubles(mean)).map { ($0 - $1) / (0.5 * root) }
            samples += noise
            for place in noise.indices { sums[place] += noise[place] }
        }
        let count = Double(samples.count)
        #expect(abs(samples.reduce(0, +) / count) < 4 / count.squareRoot())
        #expect(abs((samples.reduce(0) { $0 + $1 * $1 } / count).squareRoot() - 1) < 4 / (2 * count).squareRoot())
        // Every element has noise of its own: none has a mean that no element of 200 draws would have.
        #expect(sums.allSatisfy { abs($0 / 200) < 5 / Double(200).squareRoot() })
    }

    @Test(arguments: [LatentFeedback.noise, .soft(temperature: 1, noise: 0.3)])
    func `random feedback is a function of the seed`(_ feedback: LatentFeedback) async throws {
        let model = try await TinyModel(name: "qwen2", usesGGUF: false).load(.fast)
        let once = try await Self.think(model, feedback)
        let again = try await Self.think(model, feedback)
        let other = try await Self.think(model, feedback, stream: RandomStream(seed: 6))
        #expect(sameBits(once.vectors, again.vectors))
        #expect(once.cache.contentHash == again.cache.contentHash)
        #expect(zip(once.vectors, other.vectors).allSatisfy { $0 != $1 })
        #expect(Set(once.vectors).count == 6)
        let error = await #expect(throws: ModelError.self) { try await Self.think(model, feedback, stream: nil) }
        #expect(
            error?.message
                == "latent feedback '\(feedback.word)' draws random numbers: expected a random stream, found none")
    }

    @Test func `noise has the norm of embeddings and nothing of the state`() async throws {
        let tiny = TinyModel(name: "gemma3", usesGGUF: false)
        let model = try await tiny.load(.fast)
        let tau = Double(await model.meanEmbeddingNorm)
        let thought = try await Self.think(model, .noise, steps: 100)
        for vector in thought.vectors { #expect(abs(norm(doubles(vector)) / tau - 1) < 1e-6) }
        let elsewhere = try await Self.think(
            model, .noise, steps: 100, prompt: sampleTokens(9, seed: 22, vocabulary: 96))
        #expect(sameBits(thought.vectors, elsewhere.vectors))
        let width = Double(thought.vectors[0].count)
        let elements = thought.vectors.joined().map { Double($0) / tau * width.squareRoot() }
        let count = Double(elements.count)
        let mean = elements.reduce(0, +) / count
        #expect(abs(mean) < 4 / count.squareRoot())
        let fourth = elements.reduce(0.0) { $0 + pow($1, 4) } / count
        #expect(2.2...3.6 ~= fourth, "that of a normal distribution is 3")
    }

    @Test func `threads change no bit`() async throws {
        for name in ["qwen2", "gemma3"] {
            let tiny = TinyModel(name: name, usesGGUF: false)
            let thinking = Thinking(steps: 5, feedback: .soft(temperature: 0.7, noise: 0.1), isTraced: true)
            var thoughts: [LatentThought] = []
            for threads in [1, 2, 5] {
                let model = try await tiny.load(.fast) { $0.threads = threads }
                thoughts.append(
                    try await model.think(Self.prompt.inputs, thinking: thinking, stream: Self.stream))
            }
            for thought in thoughts {
                #expect(sameBits(thought.vectors, thoughts[0].vectors))
                #expect(thought.trace == thoughts[0].trace)
            }
        }
    }

    @Test func `settings out of range are refused by name`() async throws {
        let model = try await TinyModel(name: "llama", usesGGUF: false).load()
        for (feedback, message) in [
            (
                LatentFeedback.soft(temperature: -1),
                "temperature of latent feedback 'soft': expected at least 0, found -1.0"
            ),
            (.soft(temperature: .nan), "temperature of latent feedback 'soft': expected at least 0, found nan"),
            (.soft(temperature: 1, noise: -0.5), "noise of latent feedback 'soft': expected at least 0, found -0.5"),
            (
                .soft(temperature: 1, noise: .infinity),
                "noise of latent feedback 'soft': expected at least 0, found inf"
            ),
        ] {
            let error = await #expect(throws: ModelError.self) { try await Self.think(model, feedback) }
            #expect(error?.message == message)
            #expect(error?.code == .invalidRequest)
        }
        let error = await #expect(throws: ModelError.self) {
            try await model.think(Self.prompt.inputs, thinking: Thinking(steps: -1))
        }
        #expect(error?.message == "latent steps: expected at least 0, found -1")
    }
}

/// Expects a thought by argmax to have left the cache of greedy decoding.
func expectGreedy(_ thought: LatentThought, _ prompt: [TokenID], on model: LocalModel) async throws {
    let steps = thought.vectors.count
    var request = GenerationRequest()
    request.maximumTokens = steps + 1
    request.sampling.temperature = 0
    request.ignoresEndOfTurn = true
    let spoken = try await model.generate(prompt.inputs, request: request)
    // The last token was never fed.
    #expect(spoken.cache.count == prompt.count + steps)
    #expect(thought.cache.positions == spoken.cache.positions)
    #expect(thought.cache.nextPosition == spoken.cache.nextPosition)
    #expect(thought.cache.tokens == prompt + [TokenID?](repeating: nil, count: steps))
    for row in 0..<spoken.cache.count {
        for slot in 0..<model.information.layers {
            #expect(thought.cache.keys(row: row, slot: slot) == spoken.cache.keys(row: row, slot: slot))
            #expect(thought.cache.values(row: row, slot: slot) == spoken.cache.values(row: row, slot: slot))
        }
    }
    let next = sampleTokens(3, seed: 23, vocabulary: 90).inputs
    let outputs = OutputRequest(logits: .all)
    let behind = try await model.probe(next, from: thought.cache, outputs: outputs).rows
    let after = try await model.probe(next, from: spoken.cache, outputs: outputs).rows
    #expect(sameBits(behind.compactMap(\.logits), after.compactMap(\.logits)))
}
