import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct ReplayTests {
    @Test(arguments: [ReplayMode.strict, .recompute, .tools], Playbooks.Sample.allCases)
    func `a replay of every verb is identical, in a program that never saw the run`(
        mode: ReplayMode, sample: Playbooks.Sample
    ) async throws {
        let plan = try sample.plan()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
        let beginning = try await RunBeginning.of(outcome.run, in: scene.journal)
        var fresh = Scene()
        fresh.journal = scene.journal
        let report = try await fresh.driver.replay(
            outcome.run, plan: Scene.plan(beginning.playbook), mode: mode)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        #expect(report.events > 50)
        let effects = scene.model.requests.count + 2
        #expect(report.compared >= report.events - effects, "everything but results that stand for themselves")
        switch mode {
        case .strict, .trace: #expect(fresh.model.requests.isEmpty)
        case .recompute: #expect(fresh.model.requests.count == scene.model.requests.count)
        case .tools: #expect(fresh.tools.calls.count == scene.tools.calls.count)
        }
        let after = try await scene.journal.lastSequence(in: outcome.run)
        #expect(after == report.events, "a replay adds nothing")
    }

    @Test func `another model is found by recompute at its first token, and not by strict`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "solver"], ["id": "b", "say": "critic", "prompt": "{{ a.text }}"]],
            output: "{{ b.text }}")
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
        var changed = scene
        changed.model = ScriptedModel { request in
            guard request.seed.description.contains("/b/") else { return nil }
            var words = ScriptedModel.words(request).unicodeScalars.map { $0 }
            words[1] = words[1] == "9" ? "8" : "9"
            return .say(String(String.UnicodeScalarView(words)))
        }
        #expect(try await changed.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
        let report = try await changed.driver.replay(outcome.run, plan: plan, mode: .recompute)
        let found = try #require(report.firstDivergence)
        let events = try await scene.journal.events(in: outcome.run, after: 0, limit: .max)
        let completed = try #require(
            events.first { $0.event.key.kind == .effectCompleted && $0.event.key.effect.node == "b" })
        #expect(found.sequence == completed.sequence)
        #expect(found.path.hasPrefix("b@critic#0.0/effect_completed: "))
    }

    @Test func `a token that differs is named by its place`() async throws {
        let plan = try Scene.plan(steps: [["id": "a", "say": "solver"]], output: "{{ a.text }}")
        var scene = Scene()
        scene.model = ScriptedModel { _ in .say("abcdef") }
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
        scene.model = ScriptedModel { _ in .say("abcxef") }
        let report = try await scene.driver.replay(outcome.run, plan: plan, mode: .recompute)
        let found = try #require(report.firstDivergence)
        #expect(found.path == "a@solver#0.0/effect_completed: tokens[3]")
        #expect(found.recorded == 100)
        #expect(found.replayed == 120)
    }

    @Test func `a changed decision of a strategy is found by strict, at the decision`() async throws {
        let plan = try Playbooks.everything()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
        /// Prefers the candidate that majority would not take.
        struct Contrary: Verifier {
            var name: String { "last_word" }
            func extract(_ text: String) -> String? { text.split(separator: " ").first.map(String.init) }
            func areEquivalent(_ first: String, _ second: String) -> Bool { true }
            func verify(_ request: VerificationRequest) -> Verdict { LastWordVerifier().verify(request) }
        }
        var setup = scene.setup
        setup.verifiers = ["last_word": Contrary()]
        let report = try await RunDriver(setup).replay(outcome.run, plan: plan, mode: .strict)
        let found = try #require(report.firstDivergence)
        #expect(
            found.path == "pick#0.0/message_posted: content.answer" || found.path == "pick#0.0/decided/1: index")
        let recorded = try await scene.journal.events(in: outcome.run, after: found.sequence - 1, limit: 1)
        #expect(recorded.first?.event.key.effect.node == "pick")
    }

    @Test func `a tool that drifted is found by tools, and not by strict`() async throws {
        let plan = try Playbooks.everything()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
        var changed = scene
        changed.tools = ScriptedTools(scene.tools.tools) { _ in ToolResult(status: .ok, value: 42) }
        #expect(try await changed.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
        let report = try await changed.driver.replay(outcome.run, plan: plan, mode: .tools)
        #expect(report.firstDivergence?.path == "sum@tools#0.0/effect_completed: result.value")
        #expect(report.firstDivergence?.replayed == 42)
    }

    @Test func `what is recorded and never happens in the replay is a divergence`() async throws {
        let long = try Scene.plan(
            steps: [["id": "a", "say": "solver"], ["id": "b", "say": "critic"]], output: "{{ a.text }}")
        let scene = Scene()
        let outcome = try await scene.driver.run(long, parameters: ["question": "why"], seed: 3)
        var short = long
        short.steps.removeLast()
        let report = try await scene.driver.replay(outcome.run, plan: short, mode: .strict)
        let found = try #require(report.firstDivergence)
        #expect(found.path.hasPrefix("b@critic#0.0/"))
        #expect(found.replayed == nil)
    }

    @Test func `eight runs at once replay like one alone`() async throws {
        let plan = try Playbooks.everything()
        let scene = Scene()
        let runs = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
            for _ in 0..<8 {
                group.addTask { try await scene.driver.run(plan, parameters: ["question": "why"], seed: 5) }
            }
            var runs: [RunOutcome] = []
            for try await run in group { runs.append(run) }
            return runs
        }
        let alone = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 5)
        let record = try await scene.record(of: alone.run)
        for run in runs {
            #expect(try await scene.record(of: run.run) == record)
            #expect(try await scene.driver.replay(run.run, plan: plan, mode: .recompute).isIdentical)
        }
    }

    @Test func `a trace tells every message and ends with the status`() async throws {
        let plan = try Playbooks.everything()
        let observer = RecordingObserver()
        var scene = Scene()
        scene.observer = observer
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
        func messages(_ updates: [RunUpdate]) -> Set<EventKey> {
            Set(updates.compactMap { if case .posted(let message) = $0.change { message.id } else { nil } })
        }
        let told = Guarded<[RunUpdate]>([])
        try await Trace(of: outcome.run, in: scene.journal).forEach { _, updates in told.withLock { $0 += updates } }
        let updates = told.withLock { $0 }
        #expect(messages(updates) == messages(observer.updates))
        guard case .ended(.completed)? = updates.last?.change else {
            Issue.record("the trace does not end with the status")
            return
        }
    }
}
