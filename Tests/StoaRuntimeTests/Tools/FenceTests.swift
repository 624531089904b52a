import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Words that end with their first block of code, as steps of their own.
@Suite struct FenceTests {
    private static let script: @Sendable (ModelRequest) -> ScriptedModel.Line? = { request in
        let asked = request.messages.last?.content ?? ""
        if asked.contains("nonce") { return .say("It is done.") }
        return .say("Let me compute.\n```python\nx += 1\nprint x\nnonce\n```\nThe result is 12.")
    }

    @Test func `a solver, a tool executor and a verifier are three actors`() async throws {
        let model = ScriptedModel(script: Self.script)
        let tools = StatefulTools(nonce: "nonce-77")
        let scene = ToolScene(model: model, tools: tools)
        let plan = try ToolScene.plan(
            [
                ["id": "start", "call": "python", "arguments": ["code": "x = 10"], "session": "work"],
                [
                    "id": "rounds", "max": 5, "until": "not said.code",
                    "repeat": [
                        [
                            "id": "said", "say": "solver", "fence": "strict",
                            "prompt": "{{ question }} {{ ran.output if round > 0 else '' }}",
                        ],
                        [
                            "id": "ran", "when": "said.code", "call": "python", "session": "work",
                            "arguments": ["code": "{{ said.code }}"],
                        ],
                    ],
                ],
            ], output: "{{ said.text }} {{ said.finish }} {{ rounds.rounds }} {{ ran.output }}")
        let outcome = try await scene.run(plan)
        #expect(outcome.answer == "It is done. stop 2 11\nnonce-77\n")
        #expect(model.requests.map { $0.messages.last?.content } == ["why ", "why 11\nnonce-77\n"])
        #expect(tools.runs.map(\.code) == ["x = 10", "x += 1\nprint x\nnonce"])
        let record = try await scene.record(of: outcome.run)
        let intent = record.first { $0.key.description == "said[0]@solver#0.0/effect_intended" }
        #expect(intent?.payload["fence"] == "strict")
        #expect(try await scene.later(NoTools()).driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
        #expect(
            try await scene.later(StatefulTools(nonce: "nonce-77")).driver.replay(outcome.run, plan: plan, mode: .tools)
                .isIdentical)
    }

    @Test(
        arguments: [
            ("strict", "```js\nx\n```\nno", JSONValue.null), ("simpletir", "```js\nx\n```\nno", .null),
            ("strict", "~~~~ Python\nx\n~~~~\nno", "x"), ("simpletir", "~~~~ Python\nx\n~~~~\nno", .null),
            ("{{ 'strict' }}", "```\na\n\nb\n```\nno", "a\n\nb"), ("strict", "```\n```", ""),
        ] as [(JSONValue, String, JSONValue)])
    func `a step's value has the code, null where there is none`(
        _ fence: JSONValue, _ text: String, code: JSONValue
    ) async throws {
        let scene = ToolScene(model: ScriptedModel { _ in .say(text) })
        let plan = try ToolScene.plan(
            [["id": "x", "say": "solver", "fence": fence]], output: "{{ x.code is none }} {{ x.code }}")
        let outcome = try await scene.run(plan)
        #expect(outcome.answer == "\(code == .null ? "True" : "False") \(code.stringValue ?? "None")")
        let plain = try ToolScene.plan([["id": "x", "say": "solver"]], output: "{{ x.code is defined }}")
        #expect(try await scene.run(plain).answer == "False")
    }

    @Test func `a fence that there is not is refused`() throws {
        let error = #expect(throws: PlanProblems.self) {
            try ToolScene.plan([["id": "x", "say": "solver", "fence": "strickt"]], output: "")
        }
        #expect(
            error?.problems.map(\.message) == [
                "'fence' must be one of strict, simpletir, found the text \"strickt\""
            ])
    }
}
