import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct CrashTests {
    /// Effects whose result is in the journal.
    private func completed(_ run: RunID, _ journal: any Journal) async throws -> Set<EffectKey> {
        Set(
            try await journal.events(in: run, after: 0, limit: .max)
                .filter { $0.event.key.kind == .effectCompleted }.map(\.event.key.effect))
    }

    @Test(arguments: Playbooks.Sample.allCases)
    func `death at every event boundary loses nothing and repeats no completed effect`(sample: Playbooks.Sample)
        async throws
    {
        let plan = try sample.plan()
        let whole = Scene()
        let uninterrupted = try await whole.driver.run(plan, parameters: ["question": "why"], seed: 11)
        let record = try await whole.record(of: uninterrupted.run)
        let events = try await whole.journal.lastSequence(in: uninterrupted.run)
        var deaths = 0
        for appends in 1... {
            let inner = InMemoryJournal()
            var scene = Scene()
            scene.journal = CrashingJournal(inner, after: appends)
            let outcome = try? await scene.driver.run(plan, parameters: ["question": "why"], seed: 11)
            let run = try #require(try await inner.runs().first?.id)
            if outcome?.status == .completed { break }
            deaths += 1
            let before = try await completed(run, inner)
            // What a latent is made of has to be asked again where its numbers went with the process.
            let mayRepeat = plan.latents == .recompute ? try await thoughts(run, inner) : []

            var later = Scene()
            later.journal = inner
            let resumed = try await later.driver.resume(run, plan: plan)
            #expect(resumed.answer == uninterrupted.answer, "after \(appends) appends")
            #expect(try await later.record(of: run) == record, "after \(appends) appends")
            for key in before where !mayRepeat.contains(key) {
                #expect(later.model.calls[key.seedPath(seed: 11).description] == nil, "\(key) ran twice")
            }
            #expect(later.tools.calls.count + scene.tools.calls.count <= 2)
            #expect(try await later.driver.replay(run, plan: plan, mode: .recompute).isIdentical)
        }
        #expect(deaths > 20, "there were boundaries to die at: \(deaths) of \(events) events")
    }

    /// Effects that left a latent.
    private func thoughts(_ run: RunID, _ journal: any Journal) async throws -> Set<EffectKey> {
        Set(
            try await journal.events(in: run, after: 0, limit: .max)
                .filter { $0.event.key.kind == .effectCompleted && $0.event.payload["latent"] != nil }
                .map(\.event.key.effect))
    }

    @Test(arguments: 0..<20, Playbooks.Sample.allCases)
    func `dying again and again gets there all the same`(seed: UInt64, sample: Playbooks.Sample) async throws {
        let plan = try sample.plan()
        let whole = Scene()
        let uninterrupted = try await whole.driver.run(plan, parameters: ["question": "why"], seed: 11)
        let inner = InMemoryJournal()
        let random = RandomStream(seed: seed).child("deaths")
        var lives = 0
        while true {
            lives += 1
            var scene = Scene()
            scene.journal = CrashingJournal(inner, after: random.integer(at: UInt64(lives), below: 12) + 1)
            let run = try await inner.runs().first?.id
            do {
                let outcome =
                    if let run {
                        try await scene.driver.resume(run, plan: plan)
                    } else {
                        try await scene.driver.run(plan, parameters: ["question": "why"], seed: 11)
                    }
                #expect(outcome.answer == uninterrupted.answer)
                #expect(try await scene.record(of: outcome.run) == whole.record(of: uninterrupted.run))
                break
            } catch is CrashingJournal.Died {
                #expect(lives < 500)
            }
        }
        #expect(lives > 2)
    }

    @Test func `a tool in flight is interrupted, unless it may be called twice`() async throws {
        for (tool, status, calls) in [("post_office", "interrupted", 0), ("calculator", "ok", 1)] {
            let plan = try Scene.plan(
                steps: [["id": "a", "call": .string(tool), "arguments": ["x": 1]]], output: "{{ a.status }}")
            let inner = InMemoryJournal()
            var scene = Scene()
            // The second append is the intent of the call: whether it had its effect nobody knows.
            scene.journal = CrashingJournal(inner, after: 2)
            _ = try? await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
            let run = try #require(try await inner.runs().first?.id)
            var later = Scene()
            later.journal = inner
            let resumed = try await later.driver.resume(run, plan: plan)
            #expect(resumed.answer == status)
            #expect(later.tools.calls.values.reduce(0, +) == calls)
            #expect(try await later.driver.replay(run, plan: plan, mode: .strict).isIdentical)
        }
    }

    @Test func `resuming a finished run gives its outcome and performs nothing`() async throws {
        let plan = try Playbooks.everything()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 11)
        var later = Scene()
        later.journal = scene.journal
        let again = try await later.driver.resume(outcome.run, plan: plan)
        #expect(again.answer == outcome.answer)
        #expect(again.spending.usage == outcome.spending.usage)
        #expect(later.model.requests.isEmpty)
    }

    @Test func `a resumed run on another model is refused with both fingerprints`() async throws {
        let plan = try Scene.plan(steps: [["id": "a", "say": "solver"]])
        let inner = InMemoryJournal()
        var scene = Scene()
        scene.journal = CrashingJournal(inner, after: 2)
        _ = try? await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let run = try #require(try await inner.runs().first?.id)
        var later = Scene()
        later.journal = inner
        later.model = ScriptedModel(name: "other", fingerprint: "f00")
        let error = await #expect(throws: EffectFailure.self) { try await later.driver.resume(run, plan: plan) }
        #expect(
            error?.message
                == "model default: the run was made with scripted (scripted), found other (f00)")
    }
}
