import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Latents whose numbers went with the process that made them.
@Suite struct LatentKeepingTests {
    private static let parameters: JSONValue.Members = ["question": "why"]

    private func plan(_ keeping: JSONValue?) throws -> Plan {
        try Scene.plan(
            steps: [
                ["id": "first", "say": "solver", "latent": true],
                ["id": "idea", "think": "solver", "latent_steps": 3, "after": "first", "feedback": "noise"],
                ["id": "more", "think": "solver", "latent_steps": 2, "after": "idea", "prompt": "more"],
                ["id": "a", "say": "critic", "after": "more"],
            ], output: "{{ a.text }}", latents: keeping)
    }

    /// A run that died before its last call, the model's memory with it.
    private func dead(_ keeping: JSONValue?) async throws -> (journal: InMemoryJournal, run: RunID) {
        let inner = InMemoryJournal()
        var scene = Scene()
        scene.journal = HookedJournal(
            inner: inner,
            beforeAppend: { events in
                if events.contains(where: { $0.key.description.hasPrefix("a@critic#0.0/effect_completed") }) {
                    throw CrashingJournal.Died()
                }
            })
        _ = try? await scene.driver.run(plan(keeping), parameters: Self.parameters, seed: 5)
        return (inner, try #require(try await inner.runs().first?.id))
    }

    private func whole(_ keeping: JSONValue?) async throws -> (Scene, RunOutcome) {
        let scene = Scene()
        return (scene, try await scene.driver.run(plan(keeping), parameters: Self.parameters, seed: 5))
    }

    @Test func `a resumed run makes its latents again, in order, with the recorded chance`() async throws {
        let (scene, outcome) = try await whole(nil)
        let (journal, run) = try await dead(nil)
        var later = Scene()
        later.journal = journal
        let resumed = try await later.driver.resume(run, plan: plan(nil))
        #expect(resumed.answer == outcome.answer)
        #expect(try await later.record(of: run) == scene.record(of: outcome.run))
        #expect(
            later.model.requests.map(\.seed.description) == [
                "5/first/solver/0/0", "5/idea/solver/0/0", "5/more/solver/0/0", "5/a/critic/0/0",
            ])
        #expect(Set(later.model.requests) == Set(scene.model.requests), "they are asked what they were asked")
        #expect(later.model.heldLatents == 0)
    }

    @Test func `stored latents are brought back without asking anybody`() async throws {
        let (scene, outcome) = try await whole("store")
        let (journal, run) = try await dead("store")
        var later = Scene()
        later.journal = journal
        let resumed = try await later.driver.resume(run, plan: plan("store"))
        #expect(resumed.answer == outcome.answer)
        #expect(try await later.record(of: run) == scene.record(of: outcome.run))
        #expect(later.model.requests.map(\.author) == ["critic"])
        #expect(later.model.heldLatents == 0)
        for mode in [ReplayMode.strict, .recompute] {
            var fresh = Scene()
            fresh.journal = journal
            #expect(try await fresh.driver.replay(run, plan: plan("store"), mode: mode).isIdentical)
        }
    }

    @Test func `what is stored is the latent's bytes, under the latent's own digest`() async throws {
        let (scene, outcome) = try await whole("store")
        for key in ["first@solver#0.0", "idea@solver#0.0", "more@solver#0.0"] {
            let result = try #require(try await scene.payload("\(key)/effect_completed", of: outcome.run))
            let latent = try #require(result["latent"].flatMap { LatentHandle(document: $0) })
            #expect(result["bytes"]?.text == #"{"blob":"\#(latent.digest)","count":1,"form":"latent"}"#)
            let bytes = try await scene.journal.blob(latent.digest)
            #expect(SHA256Digest(hashing: bytes) == latent.digest)
            let again = try await ScriptedModel().restore(bytes)
            #expect(again == latent)
        }
        let (plain, other) = try await whole(nil)
        let result = try await plain.payload("idea@solver#0.0/effect_completed", of: other.run)
        #expect(result?["bytes"] == nil)
        let answers = [outcome.answer, other.answer]
        #expect(answers[0] == answers[1], "keeping changes nothing of what is said")
    }

    @Test func `a branch goes on from stored latents, and from those that its parent only described`() async throws {
        for keeping: JSONValue? in [nil, "store"] {
            let (scene, outcome) = try await whole(keeping)
            let place = try #require(
                try await scene.sequence(of: "a@critic#0.0/effect_intended", in: outcome.run))
            for other: JSONValue? in [nil, "store"] {
                var later = Scene()
                later.journal = scene.journal
                later.identifiers = scene.identifiers
                let branch = try await later.driver.fork(
                    outcome.run, at: place, plan: plan(other), parameters: Self.parameters)
                #expect(branch.answer == outcome.answer)
                #expect(later.model.requests.count == (keeping == nil ? 4 : 1))
            }
        }
    }

    @Test func `a copy of the record brings stored latents along`() async throws {
        let (scene, outcome) = try await whole("store")
        let copy = InMemoryJournal()
        try await copy.create(try await scene.journal.run(outcome.run))
        for recorded in try await scene.journal.events(in: outcome.run, after: 0, limit: .max) {
            var event = recorded.event
            for digest in recorded.blobs { event.blobs.append(Blob(try await scene.journal.blob(digest))) }
            try await copy.append([event], observation: recorded.observation, to: outcome.run)
        }
        var later = Scene()
        later.journal = copy
        later.identifiers = scene.identifiers
        let place = try #require(try await later.sequence(of: "a@critic#0.0/effect_intended", in: outcome.run))
        let branch = try await later.driver.fork(
            outcome.run, at: place, plan: plan("store"), parameters: Self.parameters)
        #expect(branch.answer == outcome.answer)
        #expect(later.model.requests.map(\.author) == ["critic"])
    }

    @Test func `a stored latent that is gone is an error that says so, not a failure of the step`() async throws {
        let (journal, run) = try await dead("store")
        let key = try #require(EventKey("more@solver#0.0/effect_completed"))
        let result = try #require(try await journal.event(key, in: run))
        let latent = try #require(result.event.payload["latent"].flatMap { LatentHandle(document: $0) })
        var later = Scene()
        later.journal = LosingJournal(inner: journal, lost: latent.digest)
        let error = await #expect(throws: MemoryError.self) {
            try await later.driver.resume(run, plan: try plan("store"))
        }
        #expect(error?.code == .latentMissing)
        #expect(
            error?.message
                == "more@solver#0.0/effect_completed: expected the bytes of latent \(latent.digest) in the journal, found none"
        )
        #expect(later.model.requests.isEmpty)
        // It can be mended: nothing was recorded of it.
        later.journal = journal
        #expect(try await later.driver.resume(run, plan: plan("store")).status == .completed)
    }

    @Test func `latents are let go of as soon as no later step can name them`() async throws {
        let held = Guarded<[Int]>([])
        let model = Guarded<ScriptedModel?>(nil)
        var scene = Scene()
        scene.model = ScriptedModel { _ in
            held.withLock { $0.append(model.withLock { $0 }?.heldLatents ?? -1) }
            return nil
        }
        model.withLock { $0 = scene.model }
        let plan = try Scene.plan(steps: [
            ["id": "one", "think": "solver", "latent_steps": 1],
            ["id": "two", "think": "solver", "latent_steps": 2, "after": "one"],
            ["id": "a", "say": "critic"],
            [
                "id": "rounds", "max": 2,
                "repeat": [["id": "three", "think": "solver", "latent_steps": 3, "after": ["two", "three"]]],
            ],
            ["id": "b", "say": "critic", "after": "three"], ["id": "c", "say": "critic"],
        ])
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 1)
        #expect(outcome.failure?.message == nil)
        #expect(held.withLock { $0 } == [1, 2, 0])
        #expect(scene.model.heldLatents == 0)
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .recompute).isIdentical)
    }
}

/// A journal that has lost one content.
private struct LosingJournal: Journal {
    let inner: any Journal
    let lost: SHA256Digest

    func append(_ events: [Event], observation: Observation, to run: RunID) async throws -> Int {
        try await inner.append(events, observation: observation, to: run)
    }
    func claim(_ run: RunID, owner: ProcessIdentity) async throws { try await inner.claim(run, owner: owner) }
    func event(_ key: EventKey, in run: RunID) async throws -> RecordedEvent? { try await inner.event(key, in: run) }
    func create(_ run: RunRecord) async throws { try await inner.create(run) }
    func update(_ run: RunID, status: RunStatus, answer: String?) async throws {
        try await inner.update(run, status: status, answer: answer)
    }
    func run(_ id: RunID) async throws -> RunRecord { try await inner.run(id) }
    func runs() async throws -> [RunRecord] { try await inner.runs() }
    func events(in run: RunID, after sequence: Int, limit: Int) async throws -> [RecordedEvent] {
        try await inner.events(in: run, after: sequence, limit: limit)
    }
    func lastSequence(in run: RunID) async throws -> Int { try await inner.lastSequence(in: run) }
    func blob(_ digest: SHA256Digest) async throws -> [UInt8] {
        if digest == lost { throw JournalError.missingBlob(digest) }
        return try await inner.blob(digest)
    }
}
