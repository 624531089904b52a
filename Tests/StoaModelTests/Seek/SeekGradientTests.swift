import Foundation
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

/// The gradient of log p[argmax] against one that is computed here, in double precision, from the file's own weights.
@Suite struct SeekGradientTests {
    @Test(arguments: ["llama", "qwen3", "gemma3"])
    func `the gradient is that of finite differences`(_ name: String) async throws {
        try await check(path: "\(TinyModel.folder)/\(name)", cap: nil, threads: 1)
    }

    @Test func `the gradient of capped logits is that of finite differences`() async throws {
        let folder = try TemporaryFolder()
        let text = String(decoding: try golden("models/gemma3/config.json"), as: UTF8.self)
        let capped = text.replacing(#""final_logit_softcapping": null"#, with: #""final_logit_softcapping": 5"#)
        #expect(capped != text)
        _ = try folder.write("config.json", capped)
        _ = try folder.write("model.safetensors", try golden("models/gemma3/model.safetensors"))
        try await check(path: folder.path, cap: 5, threads: 3)
    }

    @Test(arguments: TinyModel.quantised)
    func `threads and grouping change no bit of it`(_ tiny: TinyModel) async throws {
        let one = try await tiny.load(.fast) { $0.threads = 1 }
        let three = try await tiny.load(.fast) { $0.threads = 3 }
        let states = Self.states(11, width: one.information.width)
        let together = try await one.slope(of: states)
        #expect(try await three.slope(of: states) == together)
        for (index, state) in states.enumerated() {
            #expect(try await three.slope(of: [state]) == [together[index]])
        }
        #expect(try await one.tokens(of: states) == three.tokens(of: states))
        #expect(Set(try await one.tokens(of: states)).count > 3)
    }

    private static func states(_ count: Int, width: Int) -> [[Double]] {
        let stream = RandomStream(seed: 3)
        return (0..<count).map { row in
            (0..<width).map { Double(Float(stream.child(row).normal(at: UInt64($0)))) }
        }
    }

    private func check(path: String, cap: Double?, threads: Int) async throws {
        var options = LocalModel.Options()
        options.precision = .exact
        options.threads = threads
        let model = try await LocalModel.load(path, options: options)
        let weights = try ModelWeights(path: path)
        let (width, vocabulary) = (model.information.width, model.information.vocabularySize)
        let head = try weights.tensor(weights.configuration.tiedHead ? .tokenEmbedding : .outputHead).dequantised()
        func logProbability(_ state: [Double], of token: Int) -> Double {
            let logits = (0..<vocabulary).map { row in
                let sum = (0..<width).reduce(0.0) { $0 + state[$1] * Double(head[row * width + $1]) }
                return cap.map { $0 * tanh(sum / $0) } ?? sum
            }
            return logits[token] - log(logits.reduce(0) { $0 + exp($1) })
        }
        // More than one call's worth.
        let states = Self.states(9, width: width)
        let slopes = try await model.slope(of: states)
        let tokens = try await model.tokens(of: states)
        for (position, state) in states.enumerated() {
            let token = tokens[position].index
            let best = (0..<vocabulary).max { logProbability(state, of: $0) < logProbability(state, of: $1) }
            #expect(best == token)
            for column in 0..<width {
                let step = 1e-5
                var (up, down) = (state, state)
                up[column] += step
                down[column] -= step
                let expected = (logProbability(up, of: token) - logProbability(down, of: token)) / (2 * step)
                #expect(abs(slopes[position][column] - expected) < 2e-6 * max(1, abs(expected)))
            }
        }
    }
}
