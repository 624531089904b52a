import StoaCore
import StoaTensor
import StoaTestKit
import StoaText
import Testing

@testable import StoaModel

/// Agents with adapters: everything that an agent can do, each with its own.
@Suite struct AdapterAgentTests {
    /// A model with two adapters in memory.
    private struct Agents: Sendable {
        let scene: AdapterScene
        let model: EngineModel
        let first: AdapterReference
        let second: AdapterReference

        init() async throws {
            scene = try AdapterScene(TinyModel(name: "llama", usesGGUF: false))
            model = try await TinyChat().engine(adapters: scene.library)
            (first, second) = (try scene.stored(seed: 1), try scene.stored(seed: 2))
            for adapter in [first, second] { _ = try await model.model.prefill([.token(5)], adapter: adapter) }
        }
    }

    private static func ask(
        _ adapter: AdapterReference?, _ question: String = "hi", context: [LatentHandle] = []
    ) -> ModelRequest {
        .ask(question, context: context, seed: 3) { $0.adapter = adapter }
    }

    @Test func `agents that talk at the same time get what they would get alone`() async throws {
        let agents = try await Agents()
        defer { withExtendedLifetime(agents) {} }
        let (model, first, second) = (agents.model, agents.first, agents.second)
        let requests = (0..<8).map { Self.ask([first, nil, second][$0 % 3], "question \($0)") }
        var alone: [ModelReply] = []
        for request in requests { alone.append(try await model.complete(request).logical) }
        let together = try await withThrowingTaskGroup(of: (Int, ModelReply).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await model.complete(request).logical) }
            }
            return try await group.reduce(into: [Int: ModelReply]()) { $0[$1.0] = $1.1 }
        }
        for index in requests.indices { #expect(together[index] == alone[index]) }
        let texts = try await [first, nil, second].asyncMap { try await model.complete(Self.ask($0)).tokens }
        #expect(Set(texts).count == 3)
    }

    @Test func `thoughts are read with the adapter that they were thought with`() async throws {
        let agents = try await Agents()
        defer { withExtendedLifetime(agents) {} }
        let (model, first, second) = (agents.model, agents.first, agents.second)
        let thought = try await model.think(Self.ask(first, "plan"), steps: 4)
        let plain = try await model.think(Self.ask(nil, "plan"), steps: 4)
        #expect(thought.latent.digest != plain.latent.digest)
        #expect(thought.latent.modelFingerprint == model.identity.fingerprint)
        let direct = try await model.model.think(
            thought.promptTokens.inputs, steps: 4, author: "tester", adapter: first)
        #expect(thought.latent.digest == direct.cache.contentHash)
        _ = try await model.complete(Self.ask(first, context: [thought.latent]))
        for adapter in [second, nil] {
            let error = await #expect(throws: ModelError.self) {
                _ = try await model.complete(Self.ask(adapter, context: [thought.latent]))
            }
            #expect(error?.code == .fingerprintMismatch)
            #expect(error?.message.contains("different adapter") == true)
        }
        await #expect(throws: ModelError.self) {
            _ = try await model.complete(Self.ask(first, context: [thought.latent, plain.latent]))
        }
        await #expect(throws: ModelError.self) { _ = try await model.append(thought.latent, plain.latent) }
        await #expect(throws: ModelError.self) {
            _ = try await model.merge(base: nil, branches: [thought.latent, plain.latent])
        }
        var behind = Self.ask(first, context: [plain.latent])
        behind.base = thought.latent
        let error = await #expect(throws: ModelError.self) { _ = try await model.complete(behind) }
        #expect(error?.code == .fingerprintMismatch)
    }

    @Test func `latents of an adapter join, merge, shrink and come back`() async throws {
        let agents = try await Agents()
        defer { withExtendedLifetime(agents) {} }
        let (model, first) = (agents.model, agents.first)
        let one = try await model.think(Self.ask(first, "one"), steps: 3).latent
        let two = try await model.think(Self.ask(first, "second"), steps: 2).latent
        let joined = try await model.append(one, two)
        #expect(try await model.merge(base: nil, branches: [one, two]).digest == joined.digest)
        let branch = try await model.think(Self.ask(first, "more", context: [one]), steps: 2).latent
        let merged = try await model.merge(base: one, branches: [branch])
        #expect(merged.digest == branch.digest)
        let part = try await model.select(joined, rows: [0, 2, 5])
        #expect(part.rows == 3)
        let bytes = try await model.bytes(of: joined)
        #expect(try await model.restore(bytes).digest == joined.digest)
        let error = await #expect(throws: ModelError.self) { _ = try await TinyChat().engine().restore(bytes) }
        #expect(error?.code == .fingerprintMismatch)
        let reply = try await model.complete(Self.ask(first, context: [joined])).logical
        #expect(reply == (try await model.complete(Self.ask(first, context: [one, two])).logical))
        var pruned = Self.ask(first, context: [joined])
        pruned.recall.pruning = LatentPruning(score: .attention, fraction: 0.3)
        _ = try await model.complete(pruned)
    }

    @Test func `constraints and searches work with an adapter`() async throws {
        let agents = try await Agents()
        defer { withExtendedLifetime(agents) {} }
        let (model, first) = (agents.model, agents.first)
        var request = Self.ask(first)
        request.constraint = .choices(["yes", "no", "perhaps"])
        #expect(["yes", "no", "perhaps"].contains(try await model.complete(request).text))
        let plain = Self.ask(first, "find it")
        var greedy = plain
        greedy.sampling = SamplingParameters(temperature: 0)
        greedy.sampling.logProbabilities = 0
        let expected = try await model.complete(greedy)
        let found = try await model.seek(plain, LatentSeeking(fraction: 0.5)) { _ in }
        #expect(found.tokens == expected.tokens)
        let moved = try await model.seek(plain, LatentSeeking(rewards: [-1], fraction: 0.5, learningRate: 0.5)) { _ in }
        #expect(moved.tokens != expected.tokens)
    }
}

extension Sequence {
    /// One after the other.
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
