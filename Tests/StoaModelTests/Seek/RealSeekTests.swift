import StoaCore
import StoaModel
import StoaTestKit
import Testing

extension RealModelTests {
    /// Whether the gradient finds what a reward asks for, on a real model, and a random walk of the same steps does not.
    ///
    /// The planted reward: -1 unless the answer's first token is the one that was the 2nd, 3rd, 4th or 5th most probable.
    /// Only the reward says which; the gradient knows nothing but which first tokens were refused.
    @Suite struct RealSeekTests {
        private static let questions = [
            "What is 17 + 25?", "Name a colour.", "Who wrote Faust?", "Is 7 prime?", "Name a river.",
            "What is an actor?", "How do birds fly?", "Say hello.",
        ]
        private static let steps = 10

        @Test func `the gradient reaches planted first tokens that a random walk misses`() async throws {
            let model = EngineModel(try await RealModel.smollm2.shared(.fast), name: "smollm2")
            var reached: [LatentSeeking.Direction: [Int]] = [:]
            for question in Self.questions {
                var request = ModelRequest(
                    messages: [ChatMessage(.user, question)], maximumTokens: 3, seed: SeedPath(seed: 1))
                request.sampling.logProbabilities = 5
                request.ignoresEndOfTurn = true
                let greedy = try await model.seek(request, LatentSeeking())
                let targets = try #require(greedy.logProbabilities.first).top.dropFirst().map(\.id)
                #expect(targets.count == 4)
                for (rank, target) in targets.enumerated() {
                    for direction in LatentSeeking.Direction.allCases {
                        request.seed = SeedPath(seed: UInt64(rank))
                        if try await isReached(target, request, direction, model) {
                            reached[direction, default: []].append(rank + 2)
                        }
                    }
                }
            }
            let (gradient, random) = (reached[.gradient] ?? [], reached[.random] ?? [])
            let n = Self.questions.count * 4
            // Measured: 28 of 32 by the gradient (8, 7, 8 and 5 of 8 for ranks 2 to 5), 1 of 32 by a random walk.
            #expect(gradient.count >= 2 * random.count, "\(gradient) \(random)")
            #expect(gradient.count >= n / 2)
        }

        private func isReached(
            _ target: TokenID, _ request: ModelRequest, _ direction: LatentSeeking.Direction, _ model: EngineModel
        ) async throws -> Bool {
            var settings = LatentSeeking(direction: direction)
            for _ in 0..<Self.steps {
                settings.rewards.append(-1)
                if try await model.seek(request, settings).tokens.first == target { return true }
            }
            return false
        }

        @Test(arguments: Precision.allCases)
        func `a search is the same again, remembered or not`(_ precision: Precision) async throws {
            let shared = EngineModel(try await RealModel.smollm2.shared(precision), name: "smollm2")
            let request = ModelRequest(
                messages: [ChatMessage(.user, "What is 17 + 25?")], maximumTokens: 32, seed: SeedPath(seed: 1))
            var settings = LatentSeeking(fraction: 0.2)
            var replies: [ModelReply] = []
            for _ in 0..<3 {
                replies.append(try await shared.seek(request, settings) { _ in }.logical)
                settings.rewards.append(-1)
            }
            #expect(Set(replies.map(\.tokens)).count > 1)
            let other = EngineModel(
                try await RealModel.smollm2.load(precision) { ($0.threads, $0.prefixMemory) = (1, 0) }, name: "smollm2")
            settings.rewards.removeLast()
            #expect(try await other.seek(request, settings) { _ in }.logical == replies.last)
            var greedy = request
            greedy.sampling.temperature = 0
            #expect(try await other.complete(greedy) { _ in }.logical == replies.first)
        }
    }
}
