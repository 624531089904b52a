import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

/// Replies that are kept as latents, and replies of a fixed length.
@Suite struct KeptReplyTests {
    /// A seed with which the model ends its turn by itself after a few tokens.
    private static func endingRequest(_ model: EngineModel) async throws -> (ModelRequest, ModelReply) {
        for seed in 0..<400 {
            let request = ModelRequest.ask("say", seed: UInt64(seed), tokens: 60)
            let reply = try await model.complete(request)
            if reply.finish == .stop, reply.tokens.count > 2 { return (request, reply) }
        }
        throw TestFailure("no seed ends a turn")
    }

    @Test func `a reply that ended its turn is kept with the end`() async throws {
        let model = try await TinyChat().engine()
        var (request, plain) = try await Self.endingRequest(model)
        request.keepsLatent = true
        let reply = try await model.complete(request)
        let latent = try #require(reply.latent)
        var bare = reply
        bare.latent = nil
        #expect(bare == plain)
        #expect(
            latent.segments == [
                LatentHandle.Segment(author: "tester", origin: "prompt", rows: reply.promptTokens.count),
                LatentHandle.Segment(author: "tester", origin: "text", rows: reply.tokens.count + 1),
            ])
        let cache = try await model.cache(latent)
        let end = try #require(cache.tokens.last ?? nil)
        #expect(try await model.model.tokenizer().special.endOfTurn.contains(end))
        #expect(cache.tokens.compactMap { $0 } == reply.promptTokens + reply.tokens + [end])
        // Its rows are those of one pass over the same tokens.
        let whole = try await model.model.prefill((reply.promptTokens + reply.tokens + [end]).inputs)
        for row in 0..<whole.count { #expect(cache.keys(row: row, slot: 1) == whole.keys(row: row, slot: 1)) }
        #expect(latent.contextRows == 0)
        await model.release(latent)
        #expect(await model.latentFigures.count == 0)
    }

    @Test func `a reply of full length is kept to its last token, behind what was in mind`() async throws {
        let model = try await TinyChat().engine()
        let before = try await model.think(.ask("think"), steps: 3).latent
        let request = ModelRequest.ask("say", context: [before], seed: 1, tokens: 30) {
            $0.keepsLatent = true
            $0.ignoresEndOfTurn = true
        }
        let reply = try await model.complete(request)
        let latent = try #require(reply.latent)
        #expect(reply.finish == .length)
        #expect(reply.tokens.count == 30)
        #expect(latent.contextRows == before.rows)
        #expect(latent.rows == before.rows + reply.promptTokens.count + 30)
        #expect(latent.nextPosition == latent.rows)
        // Speaking and reading what was said are the same rows, but for what they are called.
        let expected = try await model.model.prefill(
            (reply.promptTokens + reply.tokens).inputs, from: try await model.cache(before))
        let found = try await model.cache(latent)
        #expect(found.tokens == expected.tokens)
        for row in 0..<found.count { #expect(found.values(row: row, slot: 1) == expected.values(row: row, slot: 1)) }
        var forgetful = request
        forgetful.keepsLatent = false
        var bare = reply
        bare.latent = nil
        #expect(try await model.complete(forgetful).logical == bare.logical)
    }

    @Test func `a reply that fills the context is kept as far as it fits`() async throws {
        let model = try await TinyChat().engine()
        let reply = try await model.complete(
            .ask("say", tokens: 1000) {
                $0.keepsLatent = true
                $0.ignoresEndOfTurn = true
            })
        #expect(reply.finish == .context)
        #expect(reply.latent?.rows == model.model.information.contextLength)
    }

    @Test func `what would end a turn is text where turns don't end`() async throws {
        let model = try await TinyChat().engine()
        var (request, ended) = try await Self.endingRequest(model)
        request.ignoresEndOfTurn = true
        let reply = try await model.complete(request)
        #expect(reply.finish == .length)
        #expect(reply.tokens.count == request.maximumTokens)
        #expect(reply.tokens.starts(with: ended.tokens))
        let next = reply.tokens[ended.tokens.count]
        #expect(try await model.model.tokenizer().special.endOfTurn.contains(next))
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
