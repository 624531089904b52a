import OrderedCollections
import StoaCore
@testable import StoaRemote
import Testing

/// Turns that are under way, and blocks of code that end a reply, with servers that know neither.
@Suite(.timeLimit(.minutes(30))) struct TurnTests {
    private static func asking(_ change: (inout ModelRequest) -> Void) -> ModelRequest {
        var request = ModelUnderTest.request
        change(&request)
        return request
    }

    @Test func `the model's words are its own messages, and feedback is the user's`() {
        let request = Self.asking {
            $0.turn = [
                .tokens([1, 2], text: "Let me see.\n"), .tokens([3], text: "```\nx\n```"), .feedback("\nresult: 8\n"),
                .tokens([], text: ""), .feedback(""), .feedback("More."), .tokens([], text: "So 8."),
            ]
        }
        #expect(
            request.spokenMessages
                == request.messages + [
                    ChatMessage(.assistant, "Let me see.\n```\nx\n```"), ChatMessage(.user, "\nresult: 8\nMore."),
                    ChatMessage(.assistant, "So 8."),
                ])
        let body = CompletionBody(request: request, model: "m", streams: true, asksForTokens: false).document
        #expect(body["messages"]?.arrayValue?.count == 4)
        #expect(body["messages"]?.arrayValue?[2] == ["role": "user", "content": "\nresult: 8\nMore."])
        #expect(ModelUnderTest.request.spokenMessages == ModelUnderTest.request.messages)
    }

    private static let pieces = ["So:\n``", "`py\nprint(", "7)\n```", "\nresult: 8\n", "It is 8."]

    @Test func `the answer is cut behind the block, and its connection is closed while the server goes on`()
        async throws
    {
        let request = Self.asking { $0.fence = .strict }
        let events = Self.pieces.map { Answers.chunk(delta: ["content": .string($0)]) }
        try await ModelUnderTest.run(answering: { asked in
            asked.repetition > 0 ? .events(Answers.stream(["ok"])) : .events(events.map { .text($0) } + [.stall])
        }) { test in
            // The server never says that it is done, so only the block can end the call.
            let outcome = try await test.call(request)
            let reply = try #require(outcome.reply)
            #expect(reply.finish == .fence)
            #expect(reply.text == "So:\n```py\nprint(7)\n```\n")
            #expect(outcome.text == reply.text)
            #expect(FenceScan(reply.text, .strict).block?.code == "print(7)")
            // Nobody counted but we: as many pieces as were received.
            #expect(reply.usage == Usage(decodedTokens: 4))
            await test.server.departures.reaches(1)
            #expect(try await test.call(request).reply?.text == "ok")
        }
    }

    @Test func `however a stream is cut, the answer ends at the same byte`() throws {
        let endpoint = try RemoteEndpoint(reference: "openai:x@http://127.0.0.1:1/v1", environment: [:])
        let bytes = Array(Answers.stream(Self.pieces).utf8)
        for syntax in FenceSyntax.allCases {
            for cut in stride(from: 0, through: bytes.count, by: 7) {
                var stream = CompletionStream(endpoint: endpoint, key: nil, longest: 1 << 20, fence: syntax)
                let texts = try stream.consume(bytes[..<cut]) + stream.consume(bytes[cut...]) + stream.finish()
                let reply = try stream.assembly.reply(to: ModelUnderTest.request, duration: .zero)
                #expect(texts.joined() == reply.text)
                #expect(reply.text == "So:\n```py\nprint(7)\n```" + (syntax == .strict ? "\n" : ""))
                #expect(reply.finish == .fence)
            }
        }
    }

    @Test func `an answer without a block to run ends as the server says`() async throws {
        let request = Self.asking { $0.fence = .strict }
        let open = try await ModelUnderTest.answer(
            .events(Answers.stream(["```json\n{}\n```\n", "```py\nx"])), to: request)
        #expect(open.reply?.finish == .stop)
        #expect(open.reply?.text == "```json\n{}\n```\n```py\nx")
        // A closing fence that is the end of the text closes, but did not end it.
        var short = request
        short.maximumTokens = 1
        let last = try await ModelUnderTest.answer(
            .events(Answers.stream(["```py\nx\n```"], finish: "length")), to: short)
        #expect(last.reply?.finish == .length)
        let unasked = try await ModelUnderTest.answer(.events(Answers.stream(Self.pieces)))
        #expect(unasked.reply?.text == Self.pieces.joined())
    }

    @Test func `a whole answer is cut as well, and costs what the server says`() async throws {
        let outcome = try await ModelUnderTest.answer(
            .json(Answers.whole(Self.pieces.joined())), to: Self.asking { $0.fence = .simpletir })
        #expect(outcome.reply?.finish == .fence)
        #expect(outcome.reply?.text == "So:\n```py\nprint(7)\n```")
        #expect(outcome.reply?.usage == Usage(prefillTokens: 7, decodedTokens: 3))
    }
}
