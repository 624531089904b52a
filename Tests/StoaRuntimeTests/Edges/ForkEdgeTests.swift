import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct ForkEdgeTests {
    @Test func `a branch that changes nothing has its parent's record, wherever it was taken`() async throws {
        let plan = try Playbooks.everything()
        let scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 2)
        let record = try await scene.steps(of: parent.run)
        let last = try await scene.journal.lastSequence(in: parent.run)
        for place in stride(from: 2, through: last, by: 3) {
            let branch = try await scene.driver.fork(
                parent.run, at: place, plan: plan, parameters: ["question": "why"])
            // What the parent had only begun, the branch begins for itself.
            let found = try await scene.steps(of: branch.run).filter {
                $0.key.kind != .effectIntended || $0.key.ordinal == 0
            }
            let difference = zip(record, found).first { $0 != $1 }
                .map { "\($0.key) follows from \($0.causes), in the branch from \($1.causes)" }
            #expect(difference == nil, "at \(place)")
            #expect(found.count == record.count, "at \(place)")
        }
    }

    @Test func `a tool that a branch had begun is interrupted when the branch is resumed`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "call": "post_office", "arguments": ["x": 1]]], output: "{{ a.status }}")
        var scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let place = try #require(try await scene.sequence(of: "a@tools#0.0/effect_intended", in: parent.run))
        scene.tools = ScriptedTools { _ in
            Scene.cancelThis()
            throw CancellationError()
        }
        let driver = scene.driver
        let stopped = try #require(
            try await Scene.apart {
                try await driver.fork(parent.run, at: place, plan: plan, parameters: ["question": "why"])
            })
        #expect(stopped.status == .interrupted)
        #expect(scene.tools.calls.count == 1)
        var later = Scene()
        later.journal = scene.journal
        let resumed = try await later.driver.resume(stopped.run, plan: plan)
        #expect(later.tools.calls.isEmpty, "it may have had its effect already")
        #expect(resumed.answer == "interrupted")
    }

    @Test func `a latent that a branch thought differently is made again as the branch thought it`() async throws {
        let plan = try Scene.plan(
            steps: [
                ["id": "idea", "think": "solver", "latent_steps": 2], ["id": "a", "say": "solver", "after": ["idea"]],
            ], output: "{{ a.text }}")
        let scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let place = try #require(try await scene.sequence(of: "idea@solver#0.0/effect_intended", in: parent.run))
        let whole = try await scene.driver.fork(parent.run, at: place, plan: plan, parameters: ["question": "how"])
        var mortal = Scene()
        mortal.journal = CrashingJournal(scene.journal, after: 3)
        mortal.identifiers = TestIdentifiers(seed: 7)
        _ = try? await mortal.driver.fork(parent.run, at: place, plan: plan, parameters: ["question": "how"])
        let run = try #require(try await scene.journal.runs().first { $0.status == .running }?.id)
        #expect(try await scene.sequence(of: "idea@solver#0.0/effect_completed", in: run) != nil)
        let resumed = try await scene.driver.resume(run, plan: plan)
        #expect(resumed.status == .completed, "\(String(describing: resumed.failure?.message))")
        #expect(resumed.answer == whole.answer)
    }

    /// What the fork's own events say was read, next to what the record has under those names.
    private func contents(_ scene: Scene, _ run: RunID, after place: Int) async throws -> [JSONValue] {
        var contents: [JSONValue] = []
        for found in try await scene.journal.events(in: run, after: place, limit: .max)
        where found.event.key.kind == .messagesRead {
            for key in found.event.causes {
                let read = try #require(try await scene.journal.event(key, in: run))
                contents.append(read.event.payload["content"] ?? .null)
            }
        }
        return contents
    }

    @Test(arguments: [true, false])
    func `a branch of a branch reads the parameters that its record has`(isEarly: Bool) async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "solver"], ["id": "b", "say": "critic"]], output: "{{ b.text }}")
        let scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 2)
        let place = try #require(try await scene.sequence(of: "a@solver#0.0/message_posted", in: parent.run))
        let branch = try await scene.driver.fork(parent.run, at: place, plan: plan, parameters: ["question": "how"])
        // Before the branch changed the parameter, or after.
        let next = isEarly ? place - 1 : place + 2
        let twig = try await scene.driver.fork(branch.run, at: next, plan: plan, parameters: ["question": "how"])
        let asked = try #require(scene.model.requests.last).messages.last?.content
        #expect(asked == "Judge how")
        let read = try await contents(scene, twig.run, after: next)
        #expect(read.last == "how", "the record has \(read) for what the agent read as how")
    }

    @Test func `what happened before a branch is taken from the record, decisions and items too`() async throws {
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "each", "for_each": "[question]", "as": "q",
                    "do": [
                        ["id": "a", "say": "solver", "prompt": "A {{ q }}"],
                        ["id": "b", "say": "critic", "prompt": "B {{ q }}"],
                    ],
                ]
            ], output: "{{ question }}")
        let scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 2)
        let place = try #require(try await scene.sequence(of: "a[0]@solver#0.0/message_posted", in: parent.run))
        let branch = try await scene.driver.fork(parent.run, at: place, plan: plan, parameters: ["question": "how"])
        let read = try await contents(scene, branch.run, after: place)
        let asked = try #require(scene.model.requests.last).messages.last?.content
        #expect(asked == "B why", "the record has \(read)")
    }
}
