import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct StopEdgeTests {
    private static let mail: JSONValue = ["id": "a", "call": "post_office", "arguments": ["x": 1]]

    @Test(arguments: [nil, Duration.seconds(60)])
    func `what a tool returned is kept, also when the run is cancelled meanwhile`(timeout: Duration?) async throws {
        var plan = try Scene.plan(steps: [Self.mail], output: "{{ a.status }}")
        plan.tools["post_office"]?.timeout = timeout
        let (begun, released) = (Signal(), Signal())
        var scene = Scene()
        scene.tools = ScriptedTools { _ in
            begun.set()
            await released.wait()
            return ToolResult(status: .ok)
        }
        let (driver, planned) = (scene.driver, plan)
        let stopped = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
            group.addTask { try await driver.run(planned, parameters: ["question": "why"], seed: 1) }
            await begun.wait()
            group.cancelAll()
            released.set()
            return try await group.next()
        }
        let run = try #require(stopped).run
        let resumed = try await scene.driver.resume(run, plan: plan)
        #expect(resumed.answer == "ok")
        #expect(scene.tools.calls.values.reduce(0, +) == 1)
    }

    @Test func `a tool that may not be called twice is not called again after it failed`() async throws {
        let plan = try Scene.plan(steps: [Self.mail], output: "{{ a.status }}")
        var scene = Scene()
        scene.tools = ScriptedTools { _ in throw TimedOut(subject: "post", timeout: .seconds(1)) }
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(scene.tools.calls.values.reduce(0, +) == 1, "nobody knows whether the letter was sent")
        #expect(outcome.status != .completed)
    }

    @Test func `a person may take longer than the tool`() async throws {
        struct Slow: Person {
            var clock: ManualTimeSource
            func answer(_ question: String, choices: [String]) async throws -> String? {
                for _ in 0..<1000 { await Task.yield() }
                clock.advance(by: .seconds(10))
                for _ in 0..<1000 { await Task.yield() }
                try Task.checkCancellation()
                return "yes"
            }
        }
        var plan = try Scene.plan(steps: [Self.mail], output: "{{ a.status }}")
        plan.tools["post_office"]?.timeout = .seconds(5)
        plan.tools["post_office"]?.approval = .ask
        var scene = Scene()
        scene.person = Slow(clock: scene.clock)
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.answer == "ok", "\(String(describing: outcome.failure?.message))")
    }

    @Test func `a cancelled replay finds nothing rather than a divergence`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "solver"], ["id": "b", "say": "critic"]], output: "{{ a.text }}")
        var scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        scene.model = ScriptedModel { _ in
            Scene.cancelThis()
            return nil
        }
        let driver = scene.driver
        do {
            let report = try await Scene.apart { try await driver.replay(outcome.run, plan: plan, mode: .recompute) }
            #expect(report?.isIdentical == true, "\(String(describing: report?.firstDivergence))")
        } catch is CancellationError {}
    }

    @Test func `a run that is cancelled in one branch is resumable, whatever another branch came to`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "both", "parallel": [Self.mail, ["id": "b", "say": "solver"]]]], output: "{{ b.text }}",
            agents: [
                "solver": ["prompt": "Q: {{ question }}", "restarts": 0],
                "tools": ["role": "tool_executor", "restarts": 0],
            ])
        var scene = Scene()
        scene.tools = ScriptedTools { _ in throw Unreachable() }
        scene.model = ScriptedModel { _ in .waitThenSay("done") }
        let (driver, model) = (scene.driver, scene.model)
        let outcome = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
            group.addTask { try await driver.run(plan, parameters: ["question": "why"], seed: 1) }
            await model.waitForGate()
            group.cancelAll()
            return try await group.next()
        }
        #expect(outcome?.status == .interrupted)
    }

    @Test(arguments: [true, false])
    func `a budget that one branch reaches does not hide that another failed`(isFirst: Bool) async throws {
        let spender: JSONValue = [["id": "a1", "say": "solver"], ["id": "a2", "say": "solver"]]
        let failing: JSONValue = ["id": "t", "call": "calculator", "arguments": ["x": 1]]
        let plan = try Scene.plan(
            steps: [
                ["id": "both", "budget": ["turns": 2], "parallel": isFirst ? [spender, failing] : [failing, spender]]
            ], output: "{{ question }}")
        var scene = Scene()
        scene.tools = ScriptedTools { _ in throw Unreachable() }
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .failed)
    }

    @Test func `a budget that one branch reaches does not answer for a person in another`() async throws {
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "both", "budget": ["turns": 2],
                    "parallel": [
                        [["id": "a1", "say": "solver"], ["id": "a2", "say": "solver"]],
                        ["id": "word", "ask": "Go on?"],
                    ],
                ]
            ], output: "{{ question }}")
        let outcome = try await Scene().driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .approvalRequired)
    }
}
