import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import Testing

/// Whole runs of the method, on a scripted model.
@Suite struct LatentSeekRunTests {
    private static let environment = PlanEnvironment(
        verifiers: ["last_word"], choiceRules: ChoiceRules.names, builtinTools: [], methods: Methods.all)

    private static func plan(_ options: JSONValue, budget: JSONValue = .emptyObject) throws -> Plan {
        try Plan(
            document: [
                "stoa": 1, "name": "test", "budget": budget,
                "parameters": ["question": ["type": "string"], "reference": ["type": "string", "default": ""]],
                "agents": ["solver": ["prompt": "{{ question }}", "max_tokens": 40]],
                "steps": [["id": "answer", "method": "latent_seek", "agent": "solver", "options": options]],
                "output": "{{ answer.text }}",
            ], environment: environment)
    }

    private static func driver(_ model: ScriptedModel, _ journal: any Journal) -> RunDriver {
        RunDriver(
            RunSetup(
                journal: journal, models: ["default": model], tools: ScriptedTools([]),
                verifiers: ["last_word": LastWord()], clock: ManualTimeSource(), identifiers: TestIdentifiers(),
                process: ProcessIdentity(process: 1, startTicks: 1, boot: "test")))
    }

    /// A model that comes to `7` with its third answer, and says so when it is asked.
    private static func model() -> ScriptedModel {
        ScriptedModel { request in
            let asked = request.messages.first?.content ?? ""
            guard asked.hasPrefix("Problem:") else {
                return .say("it is \(request.messages.count { $0.role == .assistant } == 2 ? 7 : 6)")
            }
            return .say(asked.contains("it is 7") ? "Yes" : asked.contains("calculation") ? "No" : "Yes, it is.")
        }
    }

    @Test(arguments: ["self", "verifier"]) func `the third answer is found, judged either way`(_ reward: String)
        async throws
    {
        let options: JSONValue =
            reward == "self"
            ? ["reward": "self"] : ["reward": "verifier", "verifier": "last_word", "reference": "{{ reference }}"]
        let plan = try Self.plan(options)
        let (model, journal) = (Self.model(), InMemoryJournal())
        let driver = Self.driver(model, journal)
        let outcome = try await driver.run(plan, parameters: ["question": "P?", "reference": "7"], seed: 4)
        #expect(outcome.answer == "it is 7")
        #expect(model.requests.count == (reward == "self" ? 15 : 3))
        let posted = try #require(
            try await journal.event(
                EventKey(EffectKey(node: "answer", agent: AgentID("solver")), .messagePosted), in: outcome.run))
        let value = try #require(posted.event.payload["content"])
        let first = reward == "self" ? -2.0 / 6 : -1
        #expect(value["rewards"]?.arrayValue?.compactMap(\.doubleValue) == [first, first, 0])
        #expect(value["iterations"] == 2)
        #expect(value["agent"] == "solver")
        #expect(value["tokens"]?.intValue == outcome.spending.usage.decodedTokens)
        for mode in [ReplayMode.strict, .recompute] {
            let report = try await Self.driver(Self.model(), journal).replay(outcome.run, plan: plan, mode: mode)
            #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        }
    }

    @Test func `a budget ends it with an answer`() async throws {
        for turns in 1...14 {
            let plan = try Self.plan(["reward": "self"], budget: ["turns": .integer(Int64(turns))])
            let journal = InMemoryJournal()
            let outcome = try await Self.driver(Self.model(), journal).run(
                plan, parameters: ["question": "P?"], seed: 4)
            #expect(outcome.answer == "it is 6")
            #expect(outcome.spending.turns == turns)
            #expect(
                try await Self.driver(Self.model(), journal).replay(outcome.run, plan: plan, mode: .strict).isIdentical)
        }
    }

    @Test(
        arguments: [
            (["reward": "verifier"], "the reward 'verifier' needs 'verifier'"),
            (["verifier": "last_word"], "'verifier' has no part in the reward 'self'"),
            (["reference": "7"], "'reference' has no part in the reward 'self'"),
            (["reward": "other"], "'reward' must be one of self, verifier, found the text \"other\""),
            (
                ["threshold": 1],
                "'threshold' must be a number from -1 to 0, or an expression that gives one, found the number 1"
            ),
        ] as [(JSONValue, String)])
    func `options that make no sense are refused`(_ options: JSONValue, message: String) throws {
        let error = #expect(throws: PlanProblems.self) { try Self.plan(options) }
        #expect(error?.problems.map(\.message) == [message])
    }

    @Test func `a reward that is computed may be either`() throws {
        _ = try Self.plan(["reward": "{{ 'verifier' if reference else 'self' }}", "verifier": "last_word"])
    }

    private struct LastWord: Verifier {
        var name: String { "last_word" }
        func extract(_ text: String) -> String? { text.split(separator: " ").last.map(String.init) }
        func areEquivalent(_ first: String, _ second: String) -> Bool { first == second }
        func verify(_ request: VerificationRequest) -> Verdict {
            let answer = extract(request.text)
            return Verdict(
                isAccepted: answer == request.reference, score: 0, answer: answer, evidence: "", verifier: name)
        }
    }
}
