import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct BranchTests {
    private static let steps: JSONValue = [
        ["id": "idea", "think": "solver", "latent_steps": 2], ["id": "a", "say": "solver", "after": ["idea"]],
        ["id": "b", "say": "critic", "prompt": "{{ question }} {{ a.text }}"],
        ["id": "c", "say": "solver", "prompt": "{{ b.text }} {{ question }}", "after": ["idea"]],
    ]

    @Test func `a branch shares what happened and differs from there on`() async throws {
        let plan = try Scene.plan(steps: Self.steps, output: "{{ a.text }}|{{ b.text }}|{{ c.text }}")
        let scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 2)
        let events = try await scene.journal.events(in: parent.run, after: 0, limit: .max)
        let place = try #require(events.first { $0.event.key.description == "b@critic#0.0/message_posted" }).sequence
        var later = Scene()
        later.journal = scene.journal
        later.identifiers = TestIdentifiers(seed: 99)
        var changed = plan
        changed.agents["solver"]?.sampling.temperature = 0.2
        let branch = try await later.driver.fork(
            parent.run, at: place, plan: changed, parameters: ["question": "how"])
        let (before, after) = (
            try #require(parent.answer?.split(separator: "|")), try #require(branch.answer?.split(separator: "|"))
        )
        #expect(before[0] == after[0])
        #expect(before[1] == after[1])
        #expect(before[2] != after[2])
        #expect(
            later.model.requests.map(\.author) == ["solver", "solver"],
            "the latent is made again, and only the last step is new")
        let shared = try await scene.journal.events(in: branch.run, after: 0, limit: place)
        #expect(shared == Array(events.prefix(place)), "shared by reference")
        let record = try await scene.journal.run(branch.run)
        #expect(record.parent == RunRecord.Fork(run: parent.run, sequence: place))
        for mode in [ReplayMode.strict, .recompute] {
            let beginning = try await RunBeginning.of(branch.run, in: scene.journal)
            #expect(beginning.parameters["question"] == "how")
            let report = try await later.driver.replay(branch.run, plan: changed, mode: mode)
            #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        }
        #expect(try await scene.driver.replay(parent.run, plan: plan, mode: .recompute).isIdentical)
    }

    @Test func `a branch can be taken at every event, and a branch of a branch`() async throws {
        let plan = try Playbooks.everything()
        let scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 2)
        let last = try await scene.journal.lastSequence(in: parent.run)
        for place in stride(from: 1, through: last, by: 7) {
            let branch = try await scene.driver.fork(
                parent.run, at: place, plan: plan, parameters: ["question": "why"])
            #expect(branch.status == .completed)
            #expect(branch.answer == parent.answer, "nothing was changed at \(place)")
            #expect(try await scene.driver.replay(branch.run, plan: plan, mode: .strict).isIdentical)
            let twig = try await scene.driver.fork(
                branch.run, at: place + 1, plan: plan, parameters: ["question": "how"])
            #expect(twig.status == .completed)
            let report = try await scene.driver.replay(twig.run, plan: plan, mode: .strict)
            #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        }
    }

    @Test func `a branch at an event that is not there is refused`() async throws {
        let plan = try Scene.plan(steps: Self.steps)
        let scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 2)
        let last = try await scene.journal.lastSequence(in: parent.run)
        let error = await #expect(throws: JournalError.self) {
            try await scene.driver.fork(parent.run, at: 999, plan: plan, parameters: [:])
        }
        #expect(error?.message == "run \(parent.run): expected an event from 1 to \(last), found --at 999")
    }
}
