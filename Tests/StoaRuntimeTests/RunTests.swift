import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct RunTests {
    @Test func `a plan with every verb runs to its answer`() async throws {
        let scene = Scene()
        let outcome = try await scene.driver.run(Playbooks.everything(), parameters: ["question": "why"], seed: 7)
        #expect(outcome.status == .completed)
        #expect(outcome.failure == nil)
        let parts = try #require(outcome.answer?.split(separator: "/"))
        #expect(parts.count == 3)
        #expect(parts.allSatisfy { $0.contains("w") })
        let record = try await scene.journal.run(outcome.run)
        #expect(record.status == .completed)
        #expect(record.answer == outcome.answer)
        #expect(record.owner == nil)
        #expect(scene.model.heldLatents == 0, "latents are let go of at the end")
        #expect(outcome.agents.map(\.agent) == ["solver", "critic", "maker", "talker", "tools"])
        #expect(outcome.spending.turns == outcome.agents.reduce(0) { $0 + $1.spending.turns })
        #expect(outcome.spending.toolCalls == 1)
    }

    @Test(arguments: 0..<8) func `equal seeds give equal records, different seeds do not`(seed: UInt64) async throws {
        let plan = try Playbooks.everything()
        let scene = Scene()
        let first = try await scene.driver.run(plan, parameters: ["question": "why"], seed: seed)
        let second = try await scene.driver.run(plan, parameters: ["question": "why"], seed: seed)
        let other = try await scene.driver.run(plan, parameters: ["question": "why"], seed: seed + 1000)
        #expect(try await scene.record(of: first.run) == scene.record(of: second.run))
        #expect(first.answer == second.answer)
        #expect(first.answer != other.answer)
    }

    @Test func `branches work at the same time, up to what the model takes`() async throws {
        var scene = Scene()
        scene.model = ScriptedModel(concurrency: 3) { _ in .waitThenSay("done") }
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "all", "for_each": "range(6)", "as": "i", "parallel": true,
                    "do": [["id": "one", "say": "solver", "prompt": "{{ i }}"]],
                ]
            ])
        let (driver, model) = (scene.driver, scene.model)
        async let outcome = driver.run(plan, parameters: ["question": "why"], seed: 1)
        await model.waitForGate(3)
        #expect(model.running == 3)
        model.openGate()
        #expect(try await outcome.status == .completed)
        #expect(model.mostRunning == 3)
    }

    @Test func `an agent that keeps its conversation is asked with it, one that does not is not`() async throws {
        var scene = Scene()
        scene.model = ScriptedModel { request in .say("answer \(request.messages.count)") }
        let agents: JSONValue = [
            "keeper": ["system": "S", "memory": "conversation", "prompt": "p"], "fresh": ["prompt": "p"],
        ]
        let plan = try Scene.plan(
            steps: [
                ["id": "a", "say": "keeper"], ["id": "b", "say": "keeper"], ["id": "c", "say": "fresh"],
                ["id": "d", "say": "fresh"],
            ], output: "{{ a.text }}, {{ b.text }}, {{ c.text }}, {{ d.text }}", agents: agents)
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.answer == "answer 2, answer 4, answer 1, answer 1")
    }

    @Test func `a message that an agent may not read fails the run with both names`() async throws {
        let scene = Scene()
        var plan = try Scene.plan(
            steps: [
                ["id": "draft", "say": "solver"],
                ["id": "verdict", "say": "critic", "prompt": "Judge {{ draft.text }}"],
            ], output: "{{ verdict.text }}")
        #expect(try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1).status == .completed)
        plan.agents["critic"]?.reads = ["question"]
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .failed)
        let failure = try #require(outcome.failure)
        #expect(failure.kind == .badInput)
        #expect(
            failure.message == "agent critic: may not read draft@solver#0.0/message_posted (topic \"draft\")")
        #expect(scene.model.requests.count == 3, "the critic's model is not asked")
    }

    @Test func `what a loop hands out can be read by an agent with restricted reads`() async throws {
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "all", "for_each": "['a', 'b']", "as": "letter", "parallel": true,
                    "do": [
                        [
                            "id": "twice", "max": 2,
                            "repeat": [
                                ["id": "one", "say": "narrow", "prompt": "{{ letter }}{{ round }}{{ loop_index }}"]
                            ],
                        ]
                    ],
                ]
            ], agents: ["narrow": ["reads": ["question"]]])
        let outcome = try await Scene().driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.failure?.message == nil)
    }

    @Test func `who may read a loop may read what came of its iterations`() async throws {
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "outer", "for_each": "range(2)", "as": "i",
                    "do": [
                        ["id": "inner", "for_each": "range(2)", "as": "j", "do": [["id": "one", "say": "solver"]]]
                    ],
                ], ["id": "sum", "say": "narrow", "prompt": "{{ outer[1][0].text }}"],
            ],
            agents: [
                "solver": ["prompt": "{{ question }}"], "narrow": ["reads": ["outer"], "restarts": 0],
            ])
        let outcome = try await Scene().driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.failure?.message == nil)
    }

    @Test func `a failure that may pass starts the agent again, as often as it may be`() async throws {
        var scene = Scene()
        let failing = Guarded(2)
        scene.model = ScriptedModel { request in
            let fails = failing.withLock { count in
                count -= 1
                return count >= 0
            }
            return fails ? .fail(TimedOut(subject: "the call", timeout: .seconds(1))) : .say(request.seed.description)
        }
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "patient"]], output: "{{ a.text }}",
            agents: ["patient": ["prompt": "p", "restarts": 2]])
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.answer == "1/a/patient/2/0", "the third attempt has randomness of its own")
        let restarts = try await scene.record(of: outcome.run).filter { $0.key.kind == .agentRestarted }
        #expect(restarts.map(\.key.effect.attempt) == [0, 1])
        let report = try await scene.driver.replay(outcome.run, plan: plan, mode: .strict)
        #expect(report.isIdentical)

        failing.withLock { $0 = 3 }
        let failed = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(failed.status == .failed)
        #expect(failed.failure?.kind == .timeout)
        #expect(try await scene.driver.replay(failed.run, plan: plan, mode: .strict).isIdentical)
    }

    @Test func `a failure of one branch lets the others finish, and the first in order counts`() async throws {
        var scene = Scene()
        scene.model = ScriptedModel { request in
            let text = request.messages.last?.content ?? ""
            return text == "2" || text == "4"
                ? .fail(TimedOut(subject: "branch \(text)", timeout: .seconds(1))) : .say(text)
        }
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "all", "for_each": "range(6)", "as": "i", "parallel": true,
                    "do": [["id": "one", "say": "critic", "prompt": "{{ i }}"]],
                ]
            ])
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .failed)
        #expect(outcome.failure?.message == "branch 2: not done within 1.0 s")
        #expect(scene.model.requests.count == 6)
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    @Test func `an effect that takes too long ends the run as a timeout`() async throws {
        var scene = Scene()
        scene.model = ScriptedModel { _ in .waitThenSay("late") }
        let plan = try Scene.plan(steps: [["id": "a", "say": "solver", "timeout": "30s"]])
        let (driver, clock, model) = (scene.driver, scene.clock, scene.model)
        async let outcome = driver.run(plan, parameters: ["question": "why"], seed: 1)
        await model.waitForGate()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(31))
        #expect(try await outcome.failure?.kind == .timeout)
        #expect(model.running == 0)
    }

    @Test func `cancelling stops every branch, and the run can be resumed`() async throws {
        var scene = Scene()
        scene.model = ScriptedModel(concurrency: 2) { _ in .waitThenSay("done") }
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "all", "for_each": "range(5)", "as": "i", "parallel": true,
                    "do": [["id": "one", "say": "solver", "prompt": "{{ i }}"]],
                ]
            ], output: "{{ all[4].text }}")
        let (driver, model) = (scene.driver, scene.model)
        let outcome = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
            group.addTask { try await driver.run(plan, parameters: ["question": "why"], seed: 1) }
            await model.waitForGate(2)
            group.cancelAll()
            return try #require(try await group.next())
        }
        #expect(outcome.status == .interrupted)
        #expect(model.running == 0)
        #expect(try await scene.journal.run(outcome.run).status == .interrupted)
        #expect(try await driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
        model.openGate()
        let resumed = try await driver.resume(outcome.run, plan: plan)
        #expect(resumed.answer == "done")
        let uninterrupted = try await driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(try await scene.record(of: resumed.run) == scene.record(of: uninterrupted.run))
    }
}
