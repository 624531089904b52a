import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import StoaVerify
import Testing

@testable import StoaEvaluation

/// A playbook, problems and a scripted model: what an evaluation needs.
struct Bench {
    static let playbook: JSONValue = [
        "stoa": 1, "name": "asking", "description": "Asks.",
        "parameters": [
            "question": ["type": "string", "description": "What is asked."],
            "hint": ["type": "string", "description": "Helps.", "default": ""],
            "level": ["type": "integer", "default": 0],
        ],
        "agents": ["solver": ["role": "solver", "temperature": 0.7]],
        "steps": [["id": "answer", "say": "solver", "prompt": "{{ question }}{{ hint }}"]],
        "output": "{{ answer.text }}",
    ]

    static let environment = PlanEnvironment(
        verifiers: Verifiers.all.map(\.name), choiceRules: [], builtinTools: [])

    /// So many sums; every third one's answer is one that the model never gives.
    static func problems(_ count: Int) -> [Problem] {
        (0..<count).map {
            Problem(
                id: "p\($0)", question: "\($0) plus 1?", answer: String($0 % 3 == 2 ? -1 : $0 + 1),
                fields: ["subject": .string($0 % 2 == 0 ? "even" : "odd")])
        }
    }

    let journal: any Journal
    let model: ScriptedModel
    let plan: Plan
    let setup: RunSetup

    init(
        playbook: JSONValue = Bench.playbook, journal: any Journal = InMemoryJournal(),
        model: ScriptedModel = Bench.calculator(), identifiers: any IdentifierSource = TestIdentifiers(),
        clock: any TimeSource = ManualTimeSource()
    ) throws {
        self.journal = journal
        self.model = model
        plan = try Plan(document: playbook, environment: Self.environment)
        setup = RunSetup(
            journal: journal, models: ["default": model], tools: ScriptedTools([]),
            verifiers: Dictionary(Verifiers.all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
            clock: clock, identifiers: identifiers,
            process: ProcessIdentity(process: 1, startTicks: 1, boot: "test"))
    }

    /// A model that adds one.
    static func calculator(
        _ before: @escaping @Sendable (ModelRequest) -> ScriptedModel.Line? = { _ in nil }
    ) -> ScriptedModel {
        ScriptedModel { request in
            if let line = before(request) { return line }
            let question = request.messages.last?.content ?? ""
            let number = question.split(separator: " ").first.flatMap { Int($0) } ?? 0
            return .say("The answer is \(number + 1).")
        }
    }

    func runner(_ observer: (any EvaluationObserver)? = nil) -> EvaluationRunner {
        EvaluationRunner(setup, observer: observer)
    }

    func definition(_ count: Int = 6, samples: Int = 1, seed: UInt64 = 0) -> EvaluationDefinition {
        EvaluationDefinition(
            playbook: plan.document, data: "problems.jsonl", problems: Self.problems(count), samples: samples,
            seed: seed)
    }
}

/// Fails as a server that is not there.
struct NobodyThere: StoaError {
    var kind: FailureKind { .unreachable }
    var message: String { "nobody there" }
    var hint: String? { nil }
}

/// Fails as a reply that makes no sense.
struct Nonsense: StoaError {
    var kind: FailureKind { .failure }
    var message: String { "nonsense" }
    var hint: String? { nil }
}

/// Remembers an evaluation's name.
final class Begun: Sendable {
    private let kept = Guarded<RunID?>(nil)

    var id: RunID? { kept.withLock { $0 } }

    func note(_ id: RunID) { kept.withLock { $0 = id } }
}
