import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Latents of one model in front of another.
@Suite struct ForeignLatentTests {
    private static let parameters: JSONValue.Members = ["question": "why"]
    private static let other = "other-fingerprint"

    private func scene(_ journal: any Journal = InMemoryJournal()) -> (scene: Scene, other: ScriptedModel) {
        let other = ScriptedModel(name: "other", fingerprint: Self.other)
        var scene = Scene()
        scene.journal = journal
        scene.otherModels = ["large": other]
        return (scene, other)
    }

    private func plan(_ last: JSONValue.Members, keeping: JSONValue? = nil) throws -> Plan {
        var last = last
        last["id"] = "a"
        return try Scene.plan(
            steps: [
                ["id": "idea", "think": "large", "latent_steps": 3],
                ["id": "more", "think": "large", "latent_steps": 2, "after": "idea"], .object(last),
            ], output: "{{ a.text }}",
            agents: ["large": ["model": "large", "prompt": "L"], "small": ["prompt": "S", "restarts": 0]],
            models: ["large": "other"], latents: keeping)
    }

    @Test(arguments: ["say", "think"])
    func `another model's latent is refused with both fingerprints, and a way out`(verb: String) async throws {
        let (scene, _) = scene()
        let outcome = try await scene.driver.run(
            plan([verb: "small", "after": "more"]), parameters: Self.parameters, seed: 1)
        let failure = try #require(outcome.failure)
        #expect(failure.kind == .badInput)
        #expect(
            failure.message
                == "agent small: expected a latent of model scripted, found one of \(Self.other)")
        #expect(failure.hint?.contains("`translate: true`") == true)
        #expect(scene.model.requests.isEmpty)
    }

    @Test func `bytes of another model are refused with both fingerprints`() async throws {
        let (scene, other) = scene()
        let thought = try await other.think(ModelRequest(messages: [], seed: SeedPath(seed: 1)), steps: 2) { _ in }
        let bytes = try await other.bytes(of: thought.latent)
        var message: String?
        do {
            _ = try await scene.model.restore(bytes)
        } catch let error as any StoaError {
            message = error.message
        }
        #expect(message == "expected a latent of model scripted, found one of \(Self.other)")
    }

    @Test func `a step has another model's latent mapped to its own`() async throws {
        let plan = try plan(["say": "small", "after": ["idea", "more"], "translate": true])
        let (scene, other) = scene()
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 1)
        #expect(outcome.failure?.message == nil)
        let context = try #require(scene.model.requests.first?.context)
        #expect(context.map(\.modelFingerprint) == ["scripted", "scripted"])
        #expect(context.map(\.rows) == [3, 5], "the latent rows cross, not the prompts")
        let intent = try await scene.payload("a@small#0.0/effect_intended", of: outcome.run)
        #expect(intent?["translate"] == true)
        let models = intent?["context"]?.arrayValue?.map { $0["model"] }
        #expect(models == [.string(Self.other), .string(Self.other)], "the record names what was handed over")
        #expect(scene.model.heldLatents == 0 && other.heldLatents == 0)
        let again = self.scene(scene.journal)
        #expect(try await again.scene.driver.replay(outcome.run, plan: plan, mode: .recompute).isIdentical)
    }

    @Test(arguments: [nil, "store"] as [JSONValue?])
    func `a mapped latent is had again where only the record knows it`(keeping: JSONValue?) async throws {
        let plan = try plan(
            ["say": "small", "after": "more", "translate": true, "latent": true], keeping: keeping)
        let (whole, _) = scene()
        let expected = try await whole.driver.run(plan, parameters: Self.parameters, seed: 1)
        let place = try #require(try await whole.sequence(of: "a@small#0.0/effect_intended", in: expected.run))
        var (later, other) = scene(whole.journal)
        later.identifiers = whole.identifiers
        let branch = try await later.driver.fork(expected.run, at: place, plan: plan, parameters: Self.parameters)
        #expect(branch.answer == expected.answer)
        // Bytes do not tell what is mapped, so it is thought again; what that continues comes from bytes.
        #expect(other.requests.count == (keeping == nil ? 2 : 1))
        // What was made of a mapped latent is made again through it.
        let model = ScriptedModel()
        let memory = try await SharedMemory.resuming(
            expected.run, journal: whole.journal, clock: ManualTimeSource(), process: whole.process,
            models: ["default": model, "large": ScriptedModel(name: "other", fingerprint: Self.other)])
        let said = try #require(EventKey("a@small#0.0/message_posted"))
        let id = EventKey(EffectKey(node: "again"), .messagePosted)
        let again = try await memory.fork(said, SharedMemory.Posting(id, as: .conductor))
        let recorded = try await whole.payload("a@small#0.0/effect_completed", of: expected.run)
        #expect(again.latent == recorded?["latent"].flatMap { LatentHandle(document: $0) })
    }

    @Test func `latents that continue a base cannot be mapped`() async throws {
        let (scene, _) = scene()
        let outcome = try await scene.driver.run(
            plan(["say": "small", "after": "more", "base": "idea", "translate": true]), parameters: Self.parameters,
            seed: 1)
        #expect(outcome.failure?.kind == .badInput)
        #expect(outcome.failure?.hint?.contains("leave out `base`") == true)
    }
}
