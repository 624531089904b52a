import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Thinking as agents ask for it.
@Suite struct EngineThinkingTests {
    private static func think(
        _ model: EngineModel, _ thinking: Thinking, context: [LatentHandle] = [], seed: UInt64 = 0,
        log: ProgressLog = ProgressLog()
    ) async throws -> LatentReply {
        try await model.think(.ask("plan", context: context, seed: seed), thinking) { log.add($0) }
    }

    @Test func `a reply tells of an untied model's alignment`() async throws {
        let model = try await TinyChat(weights: "qwen2").engine()
        let reply = try await Self.think(model, Thinking(steps: 4))
        #expect(reply.alignment == (try await model.model.alignment().digest))
        #expect(reply.halt == .steps)
        #expect(reply.trace.isEmpty && reply.vectors.isEmpty)
        let identity = try await Self.think(model, Thinking(steps: 4, feedback: .identity))
        #expect(identity.alignment == nil)
        #expect(identity.latent.digest != reply.latent.digest)
        #expect(try await Self.think(TinyChat().engine(), Thinking(steps: 4)).alignment == nil)
    }

    @Test func `a reply has the trace and the vectors that were asked for`() async throws {
        let model = try await TinyChat().engine()
        let log = ProgressLog()
        let reply = try await Self.think(model, Thinking(steps: 5, isTraced: true), log: log)
        let direct = try await model.model.think(
            reply.promptTokens.inputs, thinking: Thinking(steps: 5, isTraced: true), author: "tester")
        #expect(reply.latent.digest == direct.cache.contentHash)
        #expect(reply.trace == direct.trace)
        #expect(reply.vectors == direct.vectors)
        #expect(reply.trace.count == 5)
        let lenses = reply.trace.map { $0.lens.first?.text }
        #expect(log.all == [.prefilling] + (0..<5).map { .latentStep($0 + 1, lens: lenses[$0]) })
        let plain = try await Self.think(model, Thinking(steps: 5))
        #expect(plain.latent == reply.latent)
        #expect(plain.trace.isEmpty && plain.vectors.isEmpty)
    }

    @Test func `a reply counts the steps that were taken`() async throws {
        let model = try await TinyChat().engine()
        let whole = try await Self.think(model, Thinking(steps: 10, isTraced: true))
        let bound = (whole.trace.map(\.entropy).dropFirst(2).min() ?? 0) * 1.000_001
        let first = try #require(whole.trace.firstIndex { $0.entropy < bound })
        let log = ProgressLog()
        let reply = try await Self.think(
            model, Thinking(steps: 10, halting: LatentHalting(entropyBelow: bound)), log: log)
        #expect(reply.halt == .entropy)
        #expect(reply.usage.latentSteps == first)
        #expect(reply.usage.prefillTokens == reply.promptTokens.count)
        #expect(reply.latent.rows == reply.promptTokens.count + first)
        #expect(log.all == [.prefilling] + (0..<first).map { .latentStep($0 + 1) })
    }

    @Test func `a thought knows how much was in mind before it`() async throws {
        let model = try await TinyChat().engine()
        let first = try await Self.think(model, Thinking(steps: 3))
        #expect(first.latent.contextRows == 0)
        let second = try await Self.think(model, Thinking(steps: 2), context: [first.latent])
        #expect(second.latent.contextRows == first.latent.rows)
        #expect(second.latent.rows == first.latent.rows + second.promptTokens.count + 2)
    }

    @Test func `random feedback draws on the request's seed`() async throws {
        let model = try await TinyChat().engine()
        for feedback in [LatentFeedback.noise, .soft(temperature: 0.8, noise: 0.2)] {
            let thinking = Thinking(steps: 4, feedback: feedback)
            let once = try await Self.think(model, thinking, seed: 1).latent
            #expect(try await Self.think(model, thinking, seed: 1).latent == once)
            #expect(try await Self.think(model, thinking, seed: 2).latent != once)
        }
        let plain = try await Self.think(model, Thinking(steps: 4), seed: 1).latent
        #expect(try await Self.think(model, Thinking(steps: 4), seed: 2).latent == plain)
    }
}
