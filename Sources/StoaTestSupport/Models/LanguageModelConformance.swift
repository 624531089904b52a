internal import OrderedCollections
public import StoaCore

/// What every language model must do, whatever is behind it: to be run on each implementation.
public enum LanguageModelConformance {
    /// One thing that a model must do.
    public typealias Check = ConformanceCheck<any LanguageModel>

    /// Everything that must hold.
    public static let checks: [Check] = [
        Check("the pieces of the text together are the text") { model in
            let pieces = Pieces()
            let reply = try await model.complete(request("Count to five.")) { progress in
                if case .text(let piece) = progress { pieces.text.withLock { $0 += piece } }
            }
            try expect(pieces.text.withLock { $0 }, reply.text, "the pieces")
            try expect(reply.text.isEmpty, false, "whether there is no text")
        },
        Check("equal requests have equal replies, alone and beside others") { model in
            let alone = try await model.complete(request("Name a colour."), progress: { _ in })
            let together = try await withThrowingTaskGroup(of: (Int, ModelReply).self) { group in
                for index in 0..<4 {
                    let asked = request(index == 2 ? "Name a colour." : "Name \(index) animals.")
                    group.addTask { (index, try await model.complete(asked, progress: { _ in })) }
                }
                var replies: [Int: ModelReply] = [:]
                for try await (index, reply) in group { replies[index] = reply }
                return replies
            }
            try expect(together[2]?.text, alone.text, "the text beside others")
            try expect(together[2]?.tokens, alone.tokens, "the tokens beside others")
            try expect(together[2]?.logProbabilities, alone.logProbabilities, "the log-probabilities beside others")
        },
        Check("no more tokens come than were asked for, and the reply says so") { model in
            var asked = request("Tell a long story.")
            asked.maximumTokens = 3
            let reply = try await model.complete(asked, progress: { _ in })
            try expect(reply.usage.decodedTokens <= 3, true, "whether at most 3 tokens came")
            try expect(
                reply.finish == .length || reply.usage.decodedTokens < 3, true, "whether the end is the length's")
        },
        Check("a turn that is under way is gone on with") { model in
            var asked = request("What is 2 + 2?")
            let reply = try await model.complete(asked, progress: { _ in })
            asked.turn = [.tokens(reply.tokens, text: reply.text), .feedback("\nIt is 4.\n")]
            let next = try await model.complete(asked, progress: { _ in })
            guard !next.promptTokens.isEmpty, !next.promptSpans.isEmpty else { return }
            try expect(next.promptSpans.map(\.origin), [.prompt, .model, .tool], "the origins of the prompt's tokens")
            try expect(next.promptSpans.reduce(0) { $0 + $1.count }, next.promptTokens.count, "the tokens of the spans")
            let (start, count) = (next.promptSpans[0].count, next.promptSpans[1].count)
            try expect(Array(next.promptTokens[start..<start + count]), reply.tokens, "the model's own tokens")
        },
        Check("a cancelled call ends, and the model goes on") { model in
            await withTaskGroup(of: Bool.self) { group in
                var asked = request("Tell a very long story.")
                asked.maximumTokens = 4096
                let long = asked
                group.addTask { (try? await model.complete(long, progress: { _ in })) == nil }
                group.cancelAll()
                for await _ in group {}
            }
            let reply = try await model.complete(request("Name a colour."), progress: { _ in })
            try expect(reply.text.isEmpty, false, "whether there is no text afterwards")
        },
    ]

    private static func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
        try ConformanceFailure.expect(found, expected, what)
    }

    private static func request(_ text: String) -> ModelRequest {
        var sampling = SamplingParameters(temperature: 0.8)
        sampling.logProbabilities = 0
        return ModelRequest(
            messages: [ChatMessage(.user, text)], sampling: sampling, maximumTokens: 24,
            seed: SeedPath(seed: 1).child(text))
    }

    private final class Pieces: Sendable {
        let text = Guarded("")
    }
}
