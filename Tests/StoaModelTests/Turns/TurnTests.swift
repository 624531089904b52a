import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

/// A turn that goes on behind what a tool said.
@Suite struct TurnTests {
    /// A request whose turn has been written so far.
    private static func ask(
        _ turn: [TurnPiece], tokens: Int = 12, context: [LatentHandle] = [],
        _ change: (inout ModelRequest) -> Void = { _ in }
    ) -> ModelRequest {
        .ask("What is 7 + 8?", context: context, seed: 3, tokens: tokens) {
            $0.turn = turn
            // Control tokens never come, so that turns are as long as the tests want them.
            for id in 0..<3 { $0.sampling.logitBias[TokenID(Int32(id))] = -100 }
            change(&$0)
        }
    }

    /// Has a model go on three times, a tool speaking in between.
    private static func talk(
        _ model: EngineModel, context: [LatentHandle] = [], _ change: @escaping (inout ModelRequest) -> Void = { _ in }
    ) async throws -> (replies: [ModelReply], turn: [TurnPiece]) {
        var replies: [ModelReply] = []
        var turn: [TurnPiece] = []
        for index in 0..<3 {
            let reply = try await model.complete(Self.ask(turn, tokens: 20, context: context, change))
            replies.append(reply)
            turn += [.tokens(reply.tokens, text: reply.text), .feedback("\nCode execution result: \(index)\n")]
        }
        return (replies, turn)
    }

    @Test func `a prompt is the conversation, then the pieces: ids as they are, feedback as plain text`() async throws {
        let model = try await TinyChat().engine()
        let tokenizer = try await model.model.tokenizer()
        let plain = try await model.complete(Self.ask([]))
        #expect(plain.promptSpans.isEmpty)
        // Not what tokenising the words would give: the space and the letter are two tokens elsewhere.
        let chosen: [TokenID] = [40, 3, 1, 50]
        let feedback = "\nresult: 15 <|im_end|>\n"
        let reply = try await model.complete(
            Self.ask([.tokens(chosen, text: "whatever"), .feedback(feedback), .feedback(""), .tokens([9], text: "x")]))
        let spelt = tokenizer.encode(feedback)
        #expect(reply.promptTokens == plain.promptTokens + chosen + spelt + [9])
        #expect(
            reply.promptSpans == [
                TokenSpan(.prompt, plain.promptTokens.count), TokenSpan(.model, 4), TokenSpan(.tool, spelt.count),
                TokenSpan(.tool, 0), TokenSpan(.model, 1),
            ])
        #expect(reply.promptSpans.reduce(0) { $0 + $1.count } == reply.promptTokens.count)
        #expect(reply.usage.prefillTokens == reply.promptTokens.count)
    }

    @Test func `a base model's transcript goes on, too`() async throws {
        let model = try await TinyChat(template: nil).engine()
        let tokenizer = try await model.model.tokenizer()
        let reply = try await model.complete(Self.ask([.tokens([40], text: "G"), .feedback("\n15\n")]))
        let text = try tokenizer.decode(reply.promptTokens, skipSpecial: false)
        #expect(text.hasSuffix("Assistant:\(try tokenizer.decode([40]))\n15\n"))
    }

    // MARK: - The same as in one go

    @Test(arguments: Precision.allCases)
    func `what is computed piece by piece is what one forward pass over all tokens gives, bit for bit`(
        _ precision: Precision
    ) async throws {
        let chat = try TinyChat()
        let model = try await chat.engine(precision) { $0.prefixMemory = 64 << 20 }
        let (replies, turn) = try await Self.talk(model)
        let last = try await model.complete(Self.ask(turn, tokens: 20))
        // No cache, and nothing beside it.
        let fresh = try await chat.engine(precision)
        let all = last.promptTokens + last.tokens
        let whole = try await fresh.model.score(all)
        var offset = replies[0].promptTokens.count
        for reply in replies + [last] {
            #expect(reply.promptTokens == Array(all[..<reply.promptTokens.count]))
            offset = reply.promptTokens.count
            for (index, entry) in reply.logProbabilities.enumerated() {
                #expect(entry.id == all[offset + index])
                #expect(entry.logProbability == whole.tokens[offset + index]?.logProbability)
            }
        }
        // Exactly the tokens that were sampled are the model's.
        let spans = last.promptSpans + [TokenSpan(.model, last.tokens.count)]
        let mask = spans.flatMap { Array(repeating: $0.origin == .model, count: $0.count) }
        #expect(mask.count == all.count)
        let sampled = (replies + [last]).flatMap(\.tokens)
        #expect(zip(all, mask).filter(\.1).map(\.0) == sampled)
        #expect(try await fresh.complete(Self.ask(turn, tokens: 20)).logical == last.logical)
    }

    @Test func `what was there before is not computed again`() async throws {
        let chat = try TinyChat()
        let model = try await chat.engine { $0.prefixMemory = 64 << 20 }
        let (replies, turn) = try await Self.talk(model)
        // Rows are shared in pages; the last token of a reply was not fed, and one token is always fed anew.
        func pages(_ rows: Int) -> Int { rows / 32 * 32 }
        for (earlier, later) in zip(replies, replies.dropFirst()) {
            let known = earlier.promptTokens.count + earlier.tokens.count - 1
            #expect(later.usage.cachedTokens == pages(known))
            #expect(later.usage.prefillTokens == later.promptTokens.count - pages(known))
        }
        let again = try await model.complete(Self.ask(turn, tokens: 1))
        #expect(again.usage.prefillTokens < 32 + 26)
    }

    @Test(arguments: Precision.allCases)
    func `a turn goes on behind latents, as in one go`(_ precision: Precision) async throws {
        let model = try await TinyChat().engine(precision) { $0.prefixMemory = 64 << 20 }
        let thought = try await model.think(.ask("plan"), steps: 4)
        let all: @Sendable (inout ModelRequest) -> Void = { $0.sampling.logProbabilities = 4 }
        let few: @Sendable (inout ModelRequest) -> Void = {
            $0.sampling.logProbabilities = 4
            $0.recall.pruning = LatentPruning(fraction: 0.4, least: 2)
        }
        for change in [all, few] {
            let (replies, _) = try await Self.talk(model, context: [thought.latent], change)
            #expect(Set(replies.map(\.contextRows)).count == 1)
            let conversation = replies[0].promptTokens.count
            for reply in replies {
                // Behind any of its tokens the same is in mind as when the reply was written, however long the turn is.
                for place in stride(from: 1, to: reply.tokens.count, by: 6) {
                    let before = Array(reply.promptTokens[conversation...]) + reply.tokens[..<place]
                    let request = Self.ask(
                        [.tokens(before, text: "all at once")], tokens: 1, context: [thought.latent], change)
                    let next = try await model.complete(request)
                    #expect(next.logProbabilities.first?.top == reply.logProbabilities[place].top)
                    #expect(next.contextRows == reply.contextRows)
                }
            }
        }
        let without = try await model.complete(Self.ask([], tokens: 20))
        let within = try await model.complete(Self.ask([], tokens: 20, context: [thought.latent]))
        #expect(without.logProbabilities != within.logProbabilities)
    }

    // MARK: - What can't be gone on with

    @Test func `a turn that is over can't be gone on with`() async throws {
        let model = try await TinyChat().engine()
        let error = await #expect(throws: ModelError.self) {
            try await model.complete(Self.ask([.feedback("\n"), .tokens([40, 41, 2], text: "GH")]))
        }
        #expect(error?.code == .invalidRequest)
        #expect(
            error?.description == """
                piece 1 of the turn: token 2 is <|im_end|>, which ends a turn
                hint: go on with the tokens of replies as they are, which are without it, or begin another message
                """)
        // Where such tokens are text like any other, they may be there.
        let reply = try await model.complete(
            Self.ask([.tokens([40, 2], text: "G")]) { $0.ignoresEndOfTurn = true })
        #expect(reply.promptTokens.suffix(2) == [40, 2])
    }

    @Test func `words without their tokens can't be gone on with`() async throws {
        let model = try await TinyChat().engine()
        let error = await #expect(throws: ModelError.self) {
            try await model.complete(Self.ask([.tokens([], text: "of a server")]))
        }
        #expect(
            error?.description == """
                piece 0 of the turn has the model's words, but not its tokens
                hint: go on with the tokens of the model's own replies; a turn of a remote model can't be gone on with here
                """)
        #expect(try await model.complete(Self.ask([.tokens([], text: "")])).promptSpans.count == 2)
        let foreign = await #expect(throws: ModelError.self) {
            try await model.complete(Self.ask([.tokens([5000], text: "?")]))
        }
        #expect(foreign?.message == "token 5000 is not in the vocabulary of 96")
    }

    @Test func `a turn that fills the context ends with it`() async throws {
        let model = try await TinyChat().engine()
        let conversation = try await model.complete(Self.ask([])).promptTokens.count
        let room = 256 - conversation
        let filling = [TokenID](repeating: 50, count: room)
        let full = try await model.complete(Self.ask([.tokens(filling + [50], text: "")]))
        #expect(full.finish == .context)
        #expect(full.tokens.isEmpty)
        #expect(full.text.isEmpty)
        #expect(full.usage == .zero)
        #expect(full.promptTokens.count == 257)
        #expect(full.promptSpans == [TokenSpan(.prompt, conversation), TokenSpan(.model, room + 1)])
        // The last position still gives a token, which need not be fed.
        let last = try await model.complete(Self.ask([.tokens(filling, text: "")]))
        #expect(last.finish == .context)
        #expect(last.tokens.count == 1)
        // Behind latents there is less room.
        let thought = try await model.think(.ask("plan"), steps: 2)
        let behind = try await model.complete(Self.ask([.tokens(filling, text: "")], context: [thought.latent]))
        #expect(behind.finish == .context)
        #expect(behind.contextRows == thought.latent.rows)
        // A conversation that does not fit by itself is an error, with a turn or without.
        var long = ModelRequest.ask(String(repeating: "a", count: 300))
        long.turn = [.feedback("!")]
        let error = await #expect(throws: ModelError.self) { try await model.complete(long) }
        #expect(error?.code == .contextExceeded)
    }
}
