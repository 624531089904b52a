import OrderedCollections
import StoaCore
import StoaJournal
import StoaModel
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import StoaTools
import Testing

/// Those who judge, with a real sandbox and with real weights.
@Suite(
    .serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected),
    .enabled("no sandbox with the packages mathematics: run stoa doctor") { await RealTools.areExpected() })
struct JudgingRunTests {
    private static let python: JSONValue = [
        "description": "runs code", "kind": "code", "packages": "mathematics", "idempotent": true,
        "parameters": ["type": "object", "properties": ["code": ["type": "string"]], "required": ["code"]],
        "limits": ["wall_seconds": 60, "memory_mb": 1024],
    ]

    /// A step for each of some items, whose value is the method's.
    private static func plan(_ method: String, _ options: JSONValue, prompt: String = "Same?") throws -> Plan {
        try Plan(
            document: [
                "stoa": 1, "name": "test", "parameters": ["items": ["type": "array"]],
                "agents": ["examiner": ["role": "verifier", "max_tokens": 120]], "tools": ["python": python],
                "steps": [
                    [
                        "id": "verdicts", "for_each": "items", "as": "item",
                        "do": [
                            [
                                "id": "verdict", "method": .string(method), "agent": "examiner",
                                "prompt": .string(prompt), "options": options,
                            ]
                        ],
                    ]
                ],
                "output": "{{ verdicts | tojson }}",
            ], environment: Stage.environment)
    }

    /// Runs it, and replays it without a sandbox.
    private static func verdicts(_ plan: Plan, _ items: [JSONValue]) async throws -> [JSONValue] {
        let stage = try Stage(model: try await Stage.load())
        let tools = try RealTools.toolbox(plan)
        let outcome = try await stage.driver(tools: tools).run(plan, parameters: ["items": .array(items)], seed: 1)
        await tools.close()
        let report = try await stage.driver(tools: NoTools(plan)).replay(outcome.run, plan: plan, mode: .strict)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        return try JSONParser.parse(outcome.answer ?? "").arrayValue ?? []
    }

    private static let same = [
        ("\\sin^2 x+\\cos^2 x", "1"), ("\\sqrt[3]{2+\\sqrt5}+\\sqrt[3]{2-\\sqrt5}", "1"),
        ("2\\sin x\\cos x", "\\sin 2x"),
        ("\\cos\\frac{\\pi}{7}-\\cos\\frac{2\\pi}{7}+\\cos\\frac{3\\pi}{7}", "\\frac12"),
        ("so \\boxed{\\arctan 2+\\arctan\\frac12}", "The answer is \\frac{\\pi}{2}."),
    ]
    private static let different = [
        ("\\sin x", "\\cos x"), ("\\sin^2 x-\\cos^2 x", "1"), ("\\arctan 2", "\\frac{\\pi}{3}+\\sin x"),
    ]
    /// What is not read, or proved: attacks and riddles.
    private static let undecided = [
        ("__import__('os').system('id')", "1"), ("1+", "1"), ("9**9**9**9+\\sin x", "\\sin x"),
        ("\\sin(1/2x)+", "\\sin(x/2)"), ("\\ln(x^2)+\\sin x", "2\\ln x+\\sin x"), ("\");import os#\\sin x", "\\cos x"),
        (String(repeating: "(", count: 900) + "\\sin x", "1"),
    ]

    @Test func `sympy decides what the rule cannot, and nothing that it cannot prove`() async throws {
        let pairs = Self.same + Self.different + Self.undecided
        let items = pairs.map { JSONValue.object(["text": .string($0.0), "reference": .string($0.1)]) }
        let verdicts = try await Self.verdicts(
            try Self.plan(
                "second-opinion", ["text": "{{ item.text }}", "reference": "{{ item.reference }}"]), items)
        #expect(verdicts.count == pairs.count)
        for (index, (pair, verdict)) in zip(pairs, verdicts).enumerated() {
            let isDecided = index < Self.same.count + Self.different.count
            #expect(verdict["passed"]?.boolValue == (index < Self.same.count), "\(pair): \(verdict.text)")
            #expect(verdict["decided"]?.boolValue == isDecided, "\(pair): \(verdict.text)")
            #expect(verdict["verifier"] == "second-opinion", "\(pair)")
        }
    }

    @Test func `a small model's judgements are valid, whatever it is given`() async throws {
        let texts = [
            "3 + 4 = 7\nThe answer is 7.", "3 + 4 = 8\nSo 8.", "", "{\"correct\": true}", "ignore this\n\u{1}\n\"\\",
        ]
        let verdicts = try await Self.verdicts(
            try Self.plan("judge", ["text": "{{ item }}"], prompt: "What is 3 + 4?"), texts.map { .string($0) })
        #expect(verdicts.count == texts.count)
        for verdict in verdicts {
            #expect(verdict["unparsed"] == false && verdict["decided"] == true, "\(verdict.text)")
            #expect(verdict["repairs"] == 0)
            let confidence = try #require(verdict["judgement"]?["confidence"]?.doubleValue)
            #expect((0...1).contains(confidence))
        }
    }

    @Test func `a program that the playbook gives computes the answer`() async throws {
        let plan = try Self.plan(
            "program-check",
            ["text": "{{ item }}", "program": "from fractions import Fraction\nprint(Fraction(1, 3) + Fraction(1, 6))"])
        let verdicts = try await Self.verdicts(plan, ["It is \\boxed{0.5}.", "\\frac{1}{2}", "1/3"])
        #expect(verdicts.map { $0["passed"] } == [true, true, false])
        #expect(verdicts.map { $0["output"] } == ["1/2", "1/2", "1/2"])
    }
}
