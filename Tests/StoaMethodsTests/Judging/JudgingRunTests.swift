import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import StoaTestSupport
import Testing

/// Whole runs of those who judge: journaled, replayed, gone on with after a crash.
@Suite struct JudgingRunTests {
    private static let environment = PlanEnvironment(
        verifiers: ["equivalent"], choiceRules: ChoiceRules.names, builtinTools: ["python"], methods: Methods.all)

    /// Two solutions are judged by a panel, and the better one is the answer.
    private static func plan(_ options: JSONValue.Members = [:], budget: JSONValue = .emptyObject) throws -> Plan {
        var panel: JSONValue.Members = [
            "text": "{{ solution }}", "reference": "{{ reference }}", "members": "rule, second-opinion, program, judge",
        ]
        panel.merge(options) { _, last in last }
        return try Plan(
            document: [
                "stoa": 1, "name": "test", "budget": budget,
                "parameters": ["reference": ["type": "string"]],
                "agents": ["judge": ["role": "verifier", "max_tokens": 2000]],
                "tools": [
                    "python": [
                        "description": "runs code", "kind": "builtin", "idempotent": true,
                        "parameters": ["properties": ["code": ["type": "string"]], "required": ["code"]],
                    ]
                ],
                "steps": [
                    [
                        "id": "verdicts", "for_each": "['it is 6', 'it is 7']", "as": "solution",
                        "do": [
                            [
                                "id": "verdict", "method": "panel", "agent": "judge", "prompt": "P?",
                                "options": .object(panel),
                            ]
                        ],
                    ],
                    ["id": "best", "choose": "best", "from": "verdicts", "score": "item.score"],
                ],
                "output": "{{ best.text }} by {{ best.value.verifier }}, {{ best.value.decided }}",
            ], environment: environment)
    }

    /// A rule that can tell nothing, a program that fails, and a judge that knows, when it is told that it must say so in JSON.
    private struct Scene {
        var journal: any Journal = InMemoryJournal()
        let model = ScriptedModel { request in
            guard let question = request.messages.first(where: { $0.role == .user })?.content else { return nil }
            guard question.contains("Solution:") else { return .say("```python\nnonce\n```\n") }
            let isRight = question.contains("it is 7")
            return request.messages.count == 1 && isRight ? .say("it is right") : .say(judgement(isRight))
        }
        var tools = ScriptedTools([JudgingInHand.python]) { call in
            let code = call.arguments["code"]?.stringValue ?? ""
            let result =
                code.contains("sympy")
                ? CodeResult(stdout: "{\"verdict\": \"unknown\", \"evidence\": \"words\"}\n")
                : CodeResult(status: "exception", exception: .init(type: "NameError", message: "nonce"))
            return ToolResult(status: result.isOK ? .ok : .failed, value: result.document, output: result.stdout)
        }

        var driver: RunDriver {
            RunDriver(
                RunSetup(
                    journal: journal, models: ["default": model], tools: tools, verifiers: ["equivalent": Unsure()],
                    clock: ManualTimeSource(), identifiers: TestIdentifiers(),
                    process: ProcessIdentity(process: 1, startTicks: 1, boot: "test")))
        }

        func run(_ plan: Plan) async throws -> RunOutcome {
            try await driver.run(plan, parameters: ["reference": "7"], seed: 3)
        }
    }

    private struct Unsure: Verifier {
        var name: String { "equivalent" }
        func extract(_ text: String) -> String? { text }
        func areEquivalent(_ first: String, _ second: String) -> Bool { false }
        func verify(_ request: VerificationRequest) -> Verdict {
            .undecided("who knows", by: name, answer: request.text)
        }
    }

    @Test func `the better of two solutions is chosen by their verdicts, and a replay is the same`() async throws {
        let (scene, plan) = (Scene(), try Self.plan())
        let outcome = try await scene.run(plan)
        #expect(outcome.answer == "it is 7 by judge, True")
        // A program and another, a judge, and one who is asked again.
        #expect(scene.model.requests.count == 4 + 1 + 2)
        #expect(outcome.spending.toolCalls == 2 * (1 + 2))
        for mode in [ReplayMode.strict, .recompute] {
            var replay = Scene()
            replay.journal = scene.journal
            let report = try await replay.driver.replay(outcome.run, plan: plan, mode: mode)
            #expect(report.isIdentical, "\(mode): \(String(describing: report.firstDivergence))")
            #expect(replay.tools.calls.isEmpty)
            #expect(replay.model.requests.count == (mode == .strict ? 0 : 7))
        }
    }

    @Test func `every wish is an effect of its own turn, repairs included`() async throws {
        let scene = Scene()
        let outcome = try await scene.run(Self.plan())
        let transcript = try await RunTranscript.read(outcome.run, from: scene.journal)
        #expect(transcript.effects.map { "\($0.key)" }.allSatisfy { $0.hasPrefix("verdict") })
        #expect(Set(transcript.effects.map { "\($0.key)" }).count == 13)
    }

    @Test func `a budget ends it at every turn with a verdict that accepts nothing wrong`() async throws {
        for turns in 1...7 {
            let scene = Scene()
            let plan = try Self.plan(budget: ["turns": .integer(Int64(turns))])
            let outcome = try await scene.run(plan)
            #expect(outcome.spending.turns <= turns)
            let replay = try await scene.driver.replay(outcome.run, plan: plan, mode: .strict)
            #expect(replay.isIdentical, "\(turns): \(String(describing: replay.firstDivergence))")
        }
    }

    @Test(
        arguments: [
            (["members": "jury"], "'members' must name some of rule, second-opinion, program, judge, each once"),
            (["rule": "loudest"], nil), (["verifier": "nobody"], nil), (["quorum": 2], nil),
        ] as [(JSONValue.Members, String?)])
    func `a playbook with options that make no sense is refused`(_ options: JSONValue.Members, message: String?) throws
    {
        let error = #expect(throws: PlanProblems.self) { try Self.plan(options) }
        if let message { #expect(error?.problems.map(\.message) == [message]) }
    }
}
