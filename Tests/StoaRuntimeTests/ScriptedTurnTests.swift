import StoaCore
import StoaTestSupport
import Testing

/// The scripted model's turns and blocks of code.
@Suite struct ScriptedTurnTests {
    private static func request(_ change: (inout ModelRequest) -> Void = { _ in }) -> ModelRequest {
        var request = ModelRequest(messages: [ChatMessage(.user, "hé")], seed: SeedPath(seed: 1))
        change(&request)
        return request
    }

    @Test func `a script sees the turn and says what follows, and its tokens are the prompt's`() async throws {
        let model = ScriptedModel { .say($0.turn.isEmpty ? "ab" : "after \($0.turn.count) pieces") }
        let first = try await model.complete(Self.request(), progress: { _ in })
        #expect(first.promptSpans.isEmpty)
        let next = try await model.complete(
            Self.request {
                $0.turn = [
                    .tokens(first.tokens, text: first.text), .feedback("\n8"), .tokens([], text: "c"),
                    .tokens([7], text: "d"),
                ]
            }, progress: { _ in })
        #expect(next.text == "after 4 pieces")
        #expect(next.promptTokens == first.promptTokens + first.tokens + [10, 56, 99, 7])
        #expect(
            next.promptSpans == [
                TokenSpan(.prompt, 2), TokenSpan(.model, 2), TokenSpan(.tool, 2), TokenSpan(.model, 1),
                TokenSpan(.model, 1),
            ])
        #expect(next.usage.prefillTokens == next.promptTokens.count)
    }

    @Test func `drawn words depend on the turn`() async throws {
        let model = ScriptedModel()
        var texts: Set<String> = []
        for turn in [[], [TurnPiece.feedback("a")], [.feedback("b")], [.tokens([97], text: "a")]] {
            texts.insert(try await model.complete(Self.request { $0.turn = turn }, progress: { _ in }).text)
        }
        #expect(texts.count == 4)
    }

    @Test func `what a script says behind the first block is left out, where that is asked for`() async throws {
        let script = "é\n```json\n```\n```py\nx\n```\nresult: 8"
        let model = ScriptedModel { _ in .say(script) }
        let plain = try await model.complete(Self.request(), progress: { _ in })
        #expect(plain.text == script)
        #expect(plain.finish == .stop)
        let cut = try await model.complete(Self.request { $0.fence = .strict }, progress: { _ in })
        #expect(cut.text == "é\n```json\n```\n```py\nx\n```\n")
        #expect(cut.finish == .fence)
        #expect(cut.tokens.count == cut.text.unicodeScalars.count)
        let short = try await model.complete(
            Self.request {
                $0.fence = .strict
                $0.maximumTokens = 10
            }, progress: { _ in })
        #expect(short.finish == .length)
        #expect(short.tokens.count == 10)
        let last = ScriptedModel { _ in .say("```\nx\n```") }
        #expect(try await last.complete(Self.request { $0.fence = .strict }, progress: { _ in }).finish == .stop)
    }
}
