import StoaCore
import StoaModel
import StoaTestKit
import Testing

extension RealModelTests {
    /// On real weights, in both precisions: the same tokens and the same bits of their log-probabilities, whatever else
    /// the engine does.
    @Suite struct RealReproducibilityTests {
        private static let tokens = 4

        private static func prompts() throws -> [[TokenID]] {
            let window = try #require(RealModel.smollm2.golden().windows.first { $0.name == "maths" }).tokens
            return (0..<8).map { index in Array(window[index * 60..<index * 60 + [45, 3, 20, 1, 33, 12, 40, 7][index]])
            }
        }

        /// What is compared: tokens, log-probabilities with alternatives, and the bytes of the cache.
        private struct Outcome: Equatable, Sendable {
            var tokens: [TokenID]
            var logProbabilities: [UInt64]
            var cache: SHA256Digest
        }

        private static func generate(_ model: LocalModel, _ prompt: [TokenID], seed: Int) async throws -> Outcome {
            var request = GenerationRequest()
            request.maximumTokens = tokens
            request.sampling.temperature = 0.7
            request.sampling.logProbabilities = 0
            request.ignoresEndOfTurn = true
            request.stream = RandomStream(seed: UInt64(seed))
            let found = try await model.generate(prompt.inputs, request: request)
            return Outcome(
                tokens: found.tokens, logProbabilities: found.logProbabilities.map(\.logProbability.bitPattern),
                cache: found.cache.contentHash)
        }

        /// Engines that differ in everything that must not matter.
        private static let settings: [(threads: Int, rows: Int, prefix: Int)] = [
            (1, 5, 256 << 20), (2, 17, 0), (2, 48, 256 << 20),
        ]

        @Test(arguments: Precision.allCases)
        func `batch, threads, chunks, shared prefixes and company change no bit`(_ precision: Precision) async throws {
            let prompts = try Self.prompts()
            let reference = try await RealModel.smollm2.load(precision) {
                $0.threads = 1
                $0.prefixMemory = 0
            }
            var expected: [Outcome] = []
            for (index, prompt) in prompts.enumerated() {
                expected.append(try await Self.generate(reference, prompt, seed: index))
            }
            for setting in Self.settings {
                let model = try await RealModel.smollm2.load(precision) {
                    $0.threads = setting.threads
                    $0.passRows = setting.rows
                    $0.prefixMemory = setting.prefix
                }
                for batch in [1, 2, 8] {
                    let found = try await Self.batch(Array(prompts[..<batch]), on: model)
                    #expect(found == Array(expected[..<batch]), "\(setting), \(batch) at a time")
                }
            }
        }

        /// Sequences side by side, with another that joins them and one that is cancelled on the way.
        private static func batch(_ prompts: [[TokenID]], on model: LocalModel) async throws -> [Outcome] {
            let late = Task {
                for _ in 0..<5 { await Task.yield() }
                return try await generate(model, prompts[0], seed: 99)
            }
            let leaving = Task { try await generate(model, prompts[0], seed: 98) }
            let found = try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
                for (index, prompt) in prompts.enumerated() {
                    group.addTask { (index, try await generate(model, prompt, seed: index)) }
                }
                group.addTask {
                    await until { await model.occupancy.passes > 2 }
                    leaving.cancel()
                    return (-1, Outcome(tokens: [], logProbabilities: [], cache: SHA256Digest(hashing: [])))
                }
                return try await group.reduce(into: [Int: Outcome]()) { $0[$1.0] = $1.1 }
            }
            _ = await leaving.result
            _ = try await late.value
            return prompts.indices.compactMap { found[$0] }
        }
    }
}
