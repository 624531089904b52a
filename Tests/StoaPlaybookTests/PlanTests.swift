import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaTestKit
import Testing

@Suite struct PlanTests {
    private func plan(_ steps: JSONValue, agents: JSONValue = ["s": ["prompt": "hi"]]) throws -> Plan {
        let document: JSONValue = [
            "stoa": 1, "name": "p", "parameters": ["n": ["type": "integer", "default": 2]],
            "tools": [
                "calculator": ["kind": "builtin", "description": "d", "parameters": .emptyObject, "timeout": "2m"]
            ],
            "agents": agents, "steps": steps, "output": "{{ last.text }}",
        ]
        return try Plan(document: document, environment: Playbooks.environment)
    }

    @Test func `what a playbook leaves out has its default`() throws {
        let plan = try plan([["id": "last", "say": "s"]])
        let agent = try #require(plan.agents["s"])
        #expect(agent.role == .solver)
        #expect(agent.model == "default")
        #expect(agent.sampling == .greedy)
        #expect(agent.maximumTokens == 256)
        #expect(agent.memory == .none)
        #expect(agent.restarts == 1)
        #expect(agent.reads == nil)
        #expect(agent.timeout == nil)
        #expect(plan.models["default"]?.use == "default")
        #expect(plan.models["default"]?.inputPrice == 0)
        #expect(plan.budget.isUnlimited)
        #expect(plan.tools["calculator"]?.timeout == .seconds(120))
        #expect(plan.tools["calculator"]?.approval == .auto)
    }

    @Test func `agents that steps need without naming them are added`() throws {
        let plan = try plan([
            ["id": "one", "call": "calculator"], ["id": "two", "verify": "numeric", "text": "x"],
            ["id": "last", "say": "s"],
        ])
        #expect(plan.agents.keys == ["s", "tools", "verifier"])
        #expect(plan.agents["tools"]?.role == .toolExecutor)
        #expect(plan.agents["verifier"]?.role == .verifier)
        #expect(plan.steps.flatMap(\.verb.agents) == ["tools", "verifier", "s"])
    }

    @Test func `a text that is one expression keeps the expression's type`() throws {
        let plan = try plan([
            [
                "id": "one", "call": "calculator",
                "arguments": [
                    "whole": " {{ n + 1 }} ", "part": "{{ n }} {{ n }}", "trimmed": "{{- n }}", "plain": "n",
                    "list": ["{{ [n, n] }}", 1], "nested": ["x": "{{ n }}"],
                ],
            ],
            ["id": "last", "say": "s"],
        ])
        let call = try #require(plan.steps[0].verb as? CallVerb)
        guard case .object(let arguments) = call.arguments else { throw Missing() }
        guard case .expression(let whole)? = arguments["whole"] else { throw Missing() }
        #expect(try whole.expression.evaluate(context: ["n": 2]).json == 3)
        guard case .text? = arguments["part"], case .text? = arguments["trimmed"] else { throw Missing() }
        guard case .constant("n")? = arguments["plain"] else { throw Missing() }
        guard case .list(let list)? = arguments["list"], case .expression? = list.first else { throw Missing() }
        #expect(call.names == ["n"])
    }

    private struct Missing: Error {}

    @Test func `a count is a number or an expression, bare or in braces`() throws {
        for (text, value) in [("n", 2), ("{{ n * 2 }}", 4), ("1", 1)] {
            let plan = try plan([
                ["id": "r", "repeat": [["id": "last", "say": "s"]], "max": .string(text)]
            ])
            let verb = try #require(plan.steps[0].verb as? RepeatVerb)
            guard case .expression(let count) = verb.maximum else { throw Missing() }
            #expect(try count.expression.evaluate(context: ["n": 2]).json == .integer(Int64(value)))
        }
    }

    @Test func `the names of a loop are those it reads from outside`() throws {
        let plan = try plan([
            [
                "id": "r", "repeat": [["id": "last", "say": "s", "prompt": "{{ last.text if round else n }}"]],
                "until": "last.text == n or round > 1", "max": "n",
            ]
        ])
        #expect(plan.steps[0].verb.names == ["n"])
        #expect(plan.steps[0].readableNames == ["r", "last"])
        #expect(plan.allSteps.map(\.id) == ["r", "last"])
        #expect(plan.steps[0].verb.blocks.map(\.variables) == [["round"]])
    }

    @Test func `a branch sees what another branch said in the round before`() throws {
        let plan = try plan([
            [
                "id": "r", "max": 2,
                "repeat": [
                    [
                        "id": "both",
                        "parallel": [
                            ["id": "left", "say": "s", "prompt": "{{ right.text if round }}"],
                            ["id": "right", "say": "s", "prompt": "{{ left.text if round }}"],
                        ],
                    ]
                ],
            ],
            ["id": "last", "say": "s", "prompt": "{{ left.text }}", "after": []],
        ])
        #expect(plan.steps[0].readableNames == ["r", "both", "left", "right"])
    }

    @Test func `overrides change what they name and nothing else`() throws {
        let plan = try plan(
            [["id": "last", "say": "s", "temperature": 0.3, "top_k": 5]],
            agents: ["s": ["prompt": "hi", "temperature": 1, "top_p": 0.9]])
        let verb = try #require(plan.steps[0].verb as? SayVerb)
        let agent = try #require(plan.agents["s"])
        let sampling = verb.sampling.applied(to: agent.sampling)
        #expect(sampling.temperature == 0.3)
        #expect(sampling.topK == 5)
        #expect(sampling.topP == 0.9)
        #expect(SamplingOverrides().applied(to: agent.sampling) == agent.sampling)
    }

    @Test(arguments: [
        ("500ms", 500), ("30s", 30_000), ("2m", 120_000), ("1h", 3_600_000), ("1.5s", 1_500), ("0s", 0),
    ])
    func `a length of time has a unit`(text: String, milliseconds: Int) throws {
        let plan = try plan([["id": "last", "say": "s", "timeout": .string(text)]])
        let verb = try #require(plan.steps[0].verb as? SayVerb)
        #expect(verb.timeout == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "s", "5", "5 s", "-5s", ".s", "1.s", "1e3s", "5d", "999999999h", "1..2s"])
    func `a text that is no length of time is refused`(text: String) throws {
        let error = thrown(PlanProblems.self) {
            _ = try plan([["id": "last", "say": "s", "timeout": .string(text)]])
        }
        #expect(error?.problems.map(\.path.description) == ["steps[0].timeout"])
        #expect(error?.kind == .badInput)
    }

    @Test func `the error lists every problem with its path`() throws {
        let error = thrown(PlanProblems.self) {
            _ = try plan([["id": "one", "say": "x"], ["id": "last", "say": "s", "prompt": "\n{{ 1 + }}"]])
        }
        #expect(
            error?.description == """
                the playbook has 2 problems:
                  steps[0].say: there is no agent "x" (define it under 'agents')
                  steps[1].prompt (2:8 of the text): unexpected end of print statement, at "{{ 1 + }}"
                """)
    }

    @Test func `more steps than anybody writes are refused`() throws {
        let steps = (0..<1001).map { JSONValue.object(["id": .string("s\($0)"), "say": "s"]) }
        let error = thrown(PlanProblems.self) { _ = try plan(.array(steps)) }
        #expect(error?.problems.map(\.message) == ["more than 1000 steps"])
    }

    @Test func `a hundred problems are enough`() throws {
        let steps = (0..<500).map { JSONValue.object(["id": .string("s\($0)"), "say": "x"]) }
        let error = thrown(PlanProblems.self) { _ = try plan(.array(steps)) }
        #expect(error?.problems.count == 100)
    }
}
