import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct CanonicalEdgeTests {
    @Test(arguments: [
        JSONValue.number(3), .number(0.5), ["b": 1, "a": 2], .array([.number(2), ["z": 1, "c": .number(1)]]),
    ])
    func `what a tool returns reads the same live and replayed`(value: JSONValue) async throws {
        let plan = try Scene.plan(
            steps: [
                ["id": "t", "call": "calculator", "arguments": .emptyObject],
                ["id": "a", "say": "solver", "prompt": "It is {{ t.value }}"],
            ], output: "{{ a.text }}")
        var scene = Scene()
        scene.tools = ScriptedTools { _ in ToolResult(status: .ok, value: value) }
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let report = try await scene.driver.replay(outcome.run, plan: plan, mode: .strict)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
    }

    @Test(arguments: [JSONValue.number(2), ["b": 1, "a": 2]])
    func `a parameter reads the same live and replayed`(value: JSONValue) async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "solver", "prompt": "It is {{ question }}"]], output: "{{ a.text }}")
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": value], seed: 1)
        let report = try await scene.driver.replay(outcome.run, plan: plan, mode: .strict)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
    }

    @Test func `texts that look alike and differ in their bytes are a divergence`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "t", "call": "calculator", "arguments": .emptyObject]], output: "{{ t.output }}")
        var scene = Scene()
        scene.tools = ScriptedTools { _ in ToolResult(status: .ok, output: "caf\u{E9}") }
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        scene.tools = ScriptedTools { _ in ToolResult(status: .ok, output: "cafe\u{301}") }
        #expect(try await !scene.driver.replay(outcome.run, plan: plan, mode: .tools).isIdentical)
    }
}
