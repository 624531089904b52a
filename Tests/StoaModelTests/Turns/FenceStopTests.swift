import StoaCore
import StoaModel
import Testing

/// A reply that ends behind its first block of code.
@Suite struct FenceStopTests {
    private static func reply(
        _ pieces: [String], spelling: Parrot.Spelling = .byteLevel, log: ProgressLog = ProgressLog(),
        _ change: (inout ModelRequest) -> Void = { $0.fence = .strict }
    ) async throws -> ModelReply {
        let model = try await Parrot([Parrot.Line(cue: "\n", pieces: pieces)], spelling: spelling).engine()
        return try await model.complete(.ask("hi", tokens: 64, change)) { log.add($0) }
    }

    private static let spoken = [
        "Sure:\n", "```", "python\n", "print(7", ")", "\n```", "\nCode", " execution", " result: 8",
    ]

    @Test(arguments: Parrot.Spelling.allCases)
    func `a reply ends with the token that completes the block, and that token stays whole`(
        _ spelling: Parrot.Spelling
    ) async throws {
        let parrot = try Parrot([Parrot.Line(cue: "\n", pieces: Self.spoken)], spelling: spelling)
        let model = try await parrot.engine()
        let log = ProgressLog()
        let reply = try await model.complete(.ask("hi") { $0.fence = .strict }) { log.add($0) }
        #expect(reply.finish == .fence)
        #expect(reply.text == "Sure:\n```python\nprint(7)\n```\nCode")
        #expect(reply.tokens == parrot.ids(Array(Self.spoken[..<7])))
        #expect(reply.logProbabilities.map(\.id) == reply.tokens)
        #expect(reply.usage.decodedTokens == 7)
        #expect(FenceScan(reply.text, .strict).block?.code == "print(7)")
        // Nothing is held back: every token's text is shown with it.
        #expect(log.all == [.prefilling] + Self.spoken[..<7].map { .text($0) })
        // Unasked, it goes on to its end.
        let whole = try await model.complete(.ask("hi"))
        #expect(whole.finish == .stop)
        #expect(whole.text == Self.spoken.joined())
    }

    @Test func `SimpleTIR's block is complete with its third backtick`() async throws {
        let reply = try await Self.reply(Self.spoken) { $0.fence = .simpletir }
        #expect(reply.finish == .fence)
        #expect(reply.text == "Sure:\n```python\nprint(7)\n```")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `wherever tokens begin, it is the first of them with which the block is certain`(_ seed: UInt64)
        async throws
    {
        let text = "So ``` no\n```json\n{1}\n```\nAnd:\n ~~~~ PY x\nprint('`~~~')\n~~~\n~~~~ \t\nHm. \\boxed{2}\n"
        let stream = RandomStream(seed: seed).child("cuts")
        var (pieces, rest, draw) = ([String](), Substring(text), UInt64(0))
        while !rest.isEmpty {
            let longest = min(rest.count, 2 + stream.integer(at: draw, below: 8))
            // A piece that was there before would have two followers.
            guard
                let piece = (1...max(longest, min(rest.count, 12))).map({ String(rest.prefix($0)) }).first(where: {
                    $0.count >= longest && !pieces.contains($0) && $0 != "\n"
                })
            else { break }
            pieces.append(piece)
            rest = rest.dropFirst(piece.count)
            draw += 1
        }
        try #require(pieces.count > 8)
        for spelling in Parrot.Spelling.allCases {
            let model = try await Parrot([Parrot.Line(cue: "\n", pieces: pieces)], spelling: spelling).engine()
            for syntax in FenceSyntax.allCases {
                let log = ProgressLog()
                let reply = try await model.complete(.ask("hi", tokens: 64) { $0.fence = syntax }) { log.add($0) }
                var scanner = FenceScanner(syntax)
                let last = pieces.firstIndex { scanner.feed($0.utf8) != nil }
                let said = last.map { Array(pieces[...$0]) } ?? pieces
                #expect(reply.text == said.joined())
                #expect(reply.finish == (last == nil ? .stop : .fence))
                #expect(reply.tokens.count == said.count)
                #expect(log.text == reply.text)
            }
        }
    }

    @Test func `a line ending that is spelt by its byte completes a block at once`() async throws {
        // The decoder gives out such a byte only when the next token shows that no character goes on.
        let lines = [Parrot.Line(cue: "?", pieces: ["~~~py\nx\n~~~", "\n", "Result: 8"])]
        let template = "{{ messages[0].content }}"
        let model = try await Parrot(lines, spelling: .sentencePiece, template: template).engine()
        let log = ProgressLog()
        let reply = try await model.complete(.ask("So?") { $0.fence = .strict }) { log.add($0) }
        #expect(reply.finish == .fence)
        #expect(reply.tokens.count == 2)
        #expect(reply.text == "~~~py\nx\n~~~\n")
        #expect(log.text == reply.text)
    }

    @Test func `the end of a turn behind the closing fence ends the reply as ever`() async throws {
        let reply = try await Self.reply(["```", "py\n", "x", "\n```"])
        #expect(reply.finish == .stop)
        #expect(FenceScan(reply.text, .strict).block?.code == "x")
    }

    @Test func `blocks of other languages and unterminated ones end nothing`() async throws {
        let other = ["```", "json\n", "{}", "\n```\n", "Well."]
        let reply = try await Self.reply(other)
        #expect(reply.finish == .stop)
        #expect(reply.text == other.joined())
        let open = try await Self.reply(["```", "python\n", "x\n"])
        #expect(open.finish == .stop)
        #expect(FenceScan(open.text, .strict).isUnterminated)
        let cut = try await Self.reply(["```", "python\n", "x\n", "y\n```\n"]) {
            $0.fence = .strict
            $0.maximumTokens = 3
        }
        #expect(cut.finish == .length)
        let last = try await Self.reply(["```", "python\n", "x\n", "y\n```\n"]) {
            $0.fence = .strict
            $0.maximumTokens = 4
        }
        #expect(last.finish == .fence)
    }

    @Test func `of a stop string and a block the one that is complete first ends the reply`() async throws {
        let pieces = ["```", "py\n", "x = 'END'", "\n```\nEND", " and so on"]
        func finish(_ stop: String) async throws -> (FinishReason, String) {
            let log = ProgressLog()
            let reply = try await Self.reply(pieces, log: log) {
                $0.fence = .strict
                $0.stop = [stop]
            }
            #expect(log.text == reply.text)
            return (reply.finish, reply.text)
        }
        #expect(try await finish("END'") == (.stopString, "```py\nx = '"))
        #expect(try await finish("nowhere") == (.fence, "```py\nx = 'END'\n```\nEND"))
        // In the token that completes the block, behind it: the text is that of the tokens.
        #expect(try await finish("\nEND") == (.fence, "```py\nx = 'END'\n```\nEND"))
        #expect(try await finish("END a") == (.fence, "```py\nx = 'END'\n```\nEND"))
        // Complete with the same byte: who asked for the string gets what it means.
        #expect(try await finish("```\n") == (.stopString, "```py\nx = 'END'\n"))
        #expect(try await finish("\n``") == (.stopString, "```py\nx = 'END'"))
    }

    @Test func `the latent of a reply that a block ended holds all of its tokens`() async throws {
        let model = try await Parrot([Parrot.Line(cue: "\n", pieces: Self.spoken)]).engine()
        let reply = try await model.complete(
            .ask("hi") {
                $0.fence = .strict
                $0.keepsLatent = true
            })
        #expect(reply.finish == .fence)
        #expect(reply.latent?.rows == reply.promptTokens.count + reply.tokens.count)
    }
}
