import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct ReplayEdgeTests {
    @Test func `a run that waits is not identical to one that takes another first step`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "solver"], ["id": "word", "ask": "Is it right?"]], output: "{{ word.text }}")
        let scene = Scene()
        let parked = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(parked.status == .approvalRequired)
        #expect(try await scene.driver.replay(parked.run, plan: plan, mode: .strict).isIdentical)
        var other = plan
        other.steps[0].id = "z"
        let report = try await scene.driver.replay(parked.run, plan: other, mode: .strict)
        #expect(!report.isIdentical, "nothing of step a happens in this replay")
    }

    @Test func `who did it and what it follows from are part of the record`() async throws {
        func plan(isParallel: Bool) throws -> Plan {
            try Scene.plan(
                steps: [
                    [
                        "id": "all", "for_each": "range(2)", "as": "i", "parallel": .bool(isParallel),
                        "do": [["id": "a", "say": "solver"]],
                    ]
                ])
        }
        let scene = Scene()
        let outcome = try await scene.driver.run(plan(isParallel: true), parameters: ["question": "why"], seed: 1)
        let report = try await scene.driver.replay(outcome.run, plan: plan(isParallel: false), mode: .strict)
        #expect(!report.isIdentical, "solver/0 and solver/1 worked then, solver does now")
    }

    @Test func `a run that goes on while it is replayed is replayed as far as it was`() async throws {
        let plan = try Playbooks.everything()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let end = try await scene.journal.lastSequence(in: outcome.run)
        try await scene.journal.update(outcome.run, status: .running, answer: nil)
        var early = scene
        early.journal = HookedJournal(inner: scene.journal, end: end - 100)
        let report = try await early.driver.replay(outcome.run, plan: plan, mode: .strict)
        #expect(report.events <= end - 100)
    }

    @Test func `a call that failed for a moment and was made again is no divergence`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "solver"]], output: "{{ a.text }}",
            agents: ["solver": ["prompt": "Q: {{ question }}", "restarts": 1]])
        var scene = Scene()
        scene.model = ScriptedModel { $0.seed.description.hasSuffix("/0/0") ? .fail(Unreachable()) : nil }
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .completed)
        var later = Scene()
        later.journal = scene.journal
        let report = try await later.driver.replay(outcome.run, plan: plan, mode: .recompute)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
    }

    @Test func `a call that was interrupted is no drift of the tool, and is not made by a replay`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "call": "post_office", "arguments": ["x": 1]]], output: "{{ a.status }}")
        let inner = InMemoryJournal()
        var scene = Scene()
        scene.journal = CrashingJournal(inner, after: 2)
        _ = try? await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        var later = Scene()
        later.journal = inner
        let run = try #require(try await inner.runs().first?.id)
        #expect(try await later.driver.resume(run, plan: plan).answer == "interrupted")
        let report = try await later.driver.replay(run, plan: plan, mode: .tools)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        #expect(later.tools.calls.isEmpty)
    }

    @Test func `a step that the record does not have is placed behind its own branch`() async throws {
        func plan(_ extra: JSONValue?) throws -> Plan {
            var branch: [JSONValue] = [["id": "t", "call": "calculator", "arguments": .emptyObject]]
            if let extra { branch.append(extra) }
            return try Scene.plan(
                steps: [
                    [
                        "id": "both",
                        "parallel": [
                            .array(branch), [["id": "b1", "say": "solver"], ["id": "b2", "say": "solver"]],
                        ],
                    ]
                ])
        }
        var scene = Scene()
        let model = ScriptedModel { $0.seed.description.contains("/b1/") ? .waitThenSay("b") : nil }
        scene.model = model
        scene.observer = RecordingObserver { update in
            if case .posted(let message) = update.change, message.id.effect.node == "t" { model.openGate() }
        }
        let outcome = try await scene.driver.run(plan(nil), parameters: ["question": "why"], seed: 1)
        let place = try #require(try await scene.sequence(of: "t@tools#0.0/message_posted", in: outcome.run))
        // In the replay the other branch is the quicker one.
        let isOver = Signal()
        var later = Scene()
        later.journal = scene.journal
        later.observer = RecordingObserver { update in
            if case .posted(let message) = update.change, message.id.effect.node == "b2" { isOver.set() }
        }
        later.tools = ScriptedTools { _ in
            await isOver.wait()
            return ToolResult(status: .ok)
        }
        let report = try await later.driver.replay(
            outcome.run, plan: plan(["id": "extra", "say": "critic", "prompt": "{{ t.output }}"]), mode: .tools)
        #expect(report.firstDivergence?.path.hasPrefix("extra@critic") == true)
        #expect(report.firstDivergence?.sequence == place)
    }
}
