import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport

/// A verifier for tests: an answer is the last word of a text.
struct LastWordVerifier: Verifier {
    var name: String { "last_word" }
    func extract(_ text: String) -> String? { text.split(separator: " ").last.map(String.init) }
    func areEquivalent(_ first: String, _ second: String) -> Bool { first == second }
    func verify(_ request: VerificationRequest) -> Verdict {
        let answer = extract(request.text)
        let isRight = answer != nil && answer == request.reference
        return Verdict(
            isAccepted: isRight, score: isRight ? 1 : 0, answer: answer, evidence: "compared the last words",
            verifier: name)
    }
}

/// Everything a run needs, with nothing real in it.
struct Scene {
    var journal: any Journal = InMemoryJournal()
    var model = ScriptedModel()
    /// Models besides the default one.
    var otherModels: [String: any LanguageModel] = [:]
    var trainer: ScriptedTrainer? = ScriptedTrainer()
    var tools = ScriptedTools([
        ToolDefinition(
            name: "calculator", description: "", parameters: .emptyObject, isIdempotent: true),
        ToolDefinition(name: "post_office", description: "", parameters: .emptyObject),
    ])
    var person: (any Person)?
    var clock = ManualTimeSource()
    var identifiers = TestIdentifiers()
    var observer: any RunObserver = NoObserver()
    var process = ProcessIdentity(process: 1, startTicks: 1, boot: "test")

    static let environment = PlanEnvironment(
        verifiers: ["last_word"], choiceRules: ChoiceRules.names, builtinTools: ["calculator", "post_office"],
        methods: MethodRegistry([Wandering.self]))

    var setup: RunSetup {
        RunSetup(
            journal: journal, models: otherModels.merging(["default": model]) { $1 }, tools: tools,
            verifiers: ["last_word": LastWordVerifier()],
            person: person, clock: clock, identifiers: identifiers, process: process, observer: observer,
            trainers: trainer.map { ["default": $0] } ?? [:])
    }

    var driver: RunDriver { RunDriver(setup) }

    static func plan(_ document: JSONValue) throws -> Plan {
        try Plan(document: document, environment: environment)
    }

    /// A plan of steps with a few agents around.
    static func plan(
        steps: JSONValue, output: JSONValue = "{{ question }}", agents: JSONValue? = nil, budget: JSONValue? = nil,
        models: JSONValue? = nil, latents: JSONValue? = nil
    ) throws -> Plan {
        var document: JSONValue.Members = [
            "stoa": 1, "name": "test", "description": "a test",
            "parameters": ["question": ["type": "string", "default": "why"]],
            "agents": agents ?? Self.agents,
            "tools": [
                "calculator": [
                    "name": "calculator", "description": "", "kind": "builtin", "parameters": .emptyObject,
                    "idempotent": true,
                ],
                "post_office": [
                    "name": "post_office", "description": "", "kind": "builtin", "parameters": .emptyObject,
                ],
            ],
            "steps": steps, "output": output,
        ]
        if let budget { document["budget"] = budget }
        if let models { document["models"] = models }
        if let latents { document["latents"] = latents }
        return try plan(.object(document))
    }

    static let agents: JSONValue = [
        "solver": [
            "role": "solver", "system": "You solve.", "prompt": "Q: {{ question }}", "temperature": 1, "restarts": 0,
        ],
        "critic": ["role": "teacher", "prompt": "Judge {{ question }}", "restarts": 0],
        "maker": ["role": "generator", "prompt": "Make one like {{ question }}", "restarts": 0],
    ]

    /// The payload of one event of a run, named by its key's text.
    func payload(_ key: String, of run: RunID) async throws -> JSONValue? {
        try await record(of: run).first { $0.key.description == key }?.payload
    }

    /// The logical parts of a run's events, ordered by key.
    func record(of run: RunID) async throws -> [Event] {
        try await journal.events(in: run, after: 0, limit: .max).map(\.event).filter { !$0.isObservation }
            .sorted { $0.key < $1.key }
    }
}
