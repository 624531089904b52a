import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// A model that, like the engine, can map only what it thought itself: bytes do not tell hidden states.
private final class StatefulModel: LatentModel {
    let inner: ScriptedModel
    private let thought = Guarded<Set<SHA256Digest>>([])

    init(_ inner: ScriptedModel) { self.inner = inner }

    var identity: ModelIdentity { inner.identity }
    var concurrency: Int { inner.concurrency }

    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply { try await inner.complete(request, progress: progress) }

    func think(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply {
        let reply = try await inner.think(request, thinking, progress: progress)
        thought.withLock { _ = $0.insert(reply.latent.digest) }
        return reply
    }

    func translate(_ latent: LatentHandle, from source: any LatentModel) async throws -> LatentHandle {
        guard let source = source as? StatefulModel, source.thought.withLock({ $0.contains(latent.digest) }) else {
            throw NoStates(latent: latent)
        }
        return try await inner.translate(latent, from: source.inner)
    }

    func retain(_ latent: LatentHandle) async -> Bool { await inner.retain(latent) }
    func release(_ latent: LatentHandle) async { await inner.release(latent) }
    func append(_ first: LatentHandle, _ second: LatentHandle) async throws -> LatentHandle {
        try await inner.append(first, second)
    }
    func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle {
        try await inner.merge(base: base, branches: branches)
    }
    func select(_ latent: LatentHandle, rows: [Int]) async throws -> LatentHandle {
        try await inner.select(latent, rows: rows)
    }
    func bytes(of latent: LatentHandle) async throws -> [UInt8] { try await inner.bytes(of: latent) }
    func restore(_ bytes: [UInt8]) async throws -> LatentHandle { try await inner.restore(bytes) }

    struct NoStates: StoaError {
        var latent: LatentHandle
        var kind: FailureKind { .badInput }
        var message: String { "latent \(latent.digest): no hidden states to map" }
        var hint: String? { nil }
    }
}

/// Mapped latents in a run that goes on in another process.
@Suite struct TranslatedEdgeTests {
    private func scene(_ journal: any Journal) -> Scene {
        var scene = Scene()
        scene.journal = journal
        scene.otherModels = [
            "large": StatefulModel(ScriptedModel(name: "other", fingerprint: "other")),
            "small": StatefulModel(ScriptedModel(name: "small", fingerprint: "small")),
        ]
        return scene
    }

    private func plan(_ keeping: JSONValue?) throws -> Plan {
        try Scene.plan(
            steps: [
                ["id": "idea", "think": "large", "latent_steps": 3],
                ["id": "a", "say": "small", "after": "idea", "translate": true],
            ], output: "{{ a.text }}",
            agents: [
                "large": ["model": "large", "prompt": "L", "restarts": 0],
                "small": ["model": "small", "prompt": "S", "restarts": 0],
            ], models: ["large": "other", "small": "small"], latents: keeping)
    }

    @Test(arguments: [nil, "store"] as [JSONValue?])
    func `a branch maps stored latents of another model as its parent did`(keeping: JSONValue?) async throws {
        let whole = scene(InMemoryJournal())
        let parameters: JSONValue.Members = ["question": "why"]
        let expected = try await whole.driver.run(plan(keeping), parameters: parameters, seed: 1)
        #expect(expected.failure?.message == nil)
        let place = try #require(try await whole.sequence(of: "a@small#0.0/effect_intended", in: expected.run))
        var later = scene(whole.journal)
        later.identifiers = whole.identifiers
        let branch = try await later.driver.fork(
            expected.run, at: place, plan: plan(keeping), parameters: parameters)
        #expect(branch.failure?.message == nil)
        #expect(branch.answer == expected.answer)
    }
}
