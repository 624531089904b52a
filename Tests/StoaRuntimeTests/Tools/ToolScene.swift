import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport

/// A method that has codes called, one after the other, and asks its model in between.
enum Calling: Method {
    static let name = "calling"
    static let summary = "calls"
    static let fields: [PlanField] = [
        PlanField("codes", .text, "what is called, split at |"), PlanField("tool", .tool, "which tool"),
        PlanField("keeps", .flag, "whether a state is kept"), PlanField("asks", .flag, "whether it asks in between"),
    ]

    static func tools(_ options: JSONValue.Members) -> [String] { options["tool"] == nil ? ["python"] : [] }

    static func makeLogic(_ input: MethodInput) throws -> any MethodLogic { Logic(input) }

    struct Logic: MethodLogic {
        let input: MethodInput
        var codes: ArraySlice<String>
        var heard: [String] = []

        init(_ input: MethodInput) {
            self.input = input
            codes = (input.options["codes"]?.stringValue ?? "").split(separator: "|").map(String.init)[...]
        }

        mutating func step(_ event: MethodEvent) throws -> MethodAction {
            switch event {
            case .began: return input.options["asks"] == true ? .ask(input.request) : call()
            case .replied, .judged: return call()
            case .limited(let limit):
                heard.append("limit \(limit.limit)")
                return end()
            case .returned(let result):
                heard.append(result.status == .ok ? result.output.filter { $0 != "\n" } : result.status.rawValue)
                guard !codes.isEmpty else { return end() }
                return input.options["asks"] == true ? .ask(input.request) : call()
            }
        }

        mutating func call() -> MethodAction {
            guard let code = codes.popFirst() else { return end() }
            let name = input.options["tool"]?.stringValue ?? (code == "nowhere" ? "nowhere" : "python")
            let call = ToolCall(id: "\(codes.count)", name: name, arguments: ["code": .string(code.lines)])
            return .call(call, keepsState: input.options["keeps"]?.boolValue ?? true)
        }

        func end() -> MethodAction { .finish(["text": .string(heard.joined(separator: " "))]) }
    }
}

extension String {
    /// The lines of code that are written in one.
    fileprivate var lines: String { split(separator: ";").map(String.init).joined(separator: "\n") }
}

/// Everything a run with tools needs.
struct ToolScene {
    var journal: any Journal = InMemoryJournal()
    var model: any LanguageModel = ScriptedModel()
    var tools: any ToolExecutor = StatefulTools()
    var person: (any Person)?
    var clock = ManualTimeSource()
    var identifiers = TestIdentifiers()
    var observer: any RunObserver = NoObserver()

    static let environment = PlanEnvironment(
        verifiers: [], choiceRules: ChoiceRules.names, builtinTools: ["python"],
        methods: MethodRegistry([Calling.self]))

    var driver: RunDriver {
        RunDriver(
            RunSetup(
                journal: journal, models: ["default": model], tools: tools, verifiers: [:], person: person,
                clock: clock, identifiers: identifiers,
                process: ProcessIdentity(process: 1, startTicks: 1, boot: "test"), observer: observer))
    }

    /// A plan with the tool `python`.
    static func plan(
        _ steps: JSONValue, output: JSONValue, budget: JSONValue = .emptyObject, approval: JSONValue = "auto",
        idempotent: Bool = true, isShared: Bool = false
    ) throws -> Plan {
        var plan = try Plan(
            document: [
                "stoa": 1, "name": "test", "budget": budget,
                "parameters": ["question": ["type": "string", "default": "why"]],
                "agents": ["solver": ["prompt": "{{ question }}", "restarts": 1]],
                "tools": [
                    "python": [
                        "description": "", "kind": "builtin", "approval": approval,
                        "idempotent": .bool(idempotent),
                        "parameters": [
                            "type": "object", "properties": ["code": ["type": "string"]], "required": ["code"],
                        ],
                    ]
                ], "steps": steps, "output": output,
            ], environment: environment)
        plan.tools["python"]?.sharesRunState = isShared
        return plan
    }

    func run(_ plan: Plan, seed: UInt64 = 7) async throws -> RunOutcome {
        try await driver.run(plan, parameters: ["question": "why"], seed: seed)
    }

    /// The same run with other tools and nothing of the process before.
    func later(_ tools: any ToolExecutor = StatefulTools()) -> ToolScene {
        var scene = self
        scene.tools = tools
        return scene
    }

    /// All events of a run.
    func events(of run: RunID) async throws -> [RecordedEvent] {
        try await journal.events(in: run, after: 0, limit: .max)
    }

    /// The logical parts of a run's events, ordered by key.
    func record(of run: RunID) async throws -> [Event] {
        try await events(of: run).map(\.event).filter { !$0.isObservation }.sorted { $0.key < $1.key }
    }

    /// The accounts of sessions that were rebuilt, in order.
    func restored(in run: RunID) async throws -> [JSONValue] {
        try await events(of: run).filter { $0.event.key.kind == .sessionRestored }.map(\.event.payload)
    }
}

/// Tools that are not there: replays must not need any.
struct NoTools: ToolExecutor {
    var tools: [ToolDefinition] { [] }
    func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult {
        throw NoSandbox()
    }
}

/// What an executor says where there is no sandbox.
struct NoSandbox: StoaError {
    var kind: FailureKind { .noSandbox }
    var message: String { "no usable sandbox" }
    var hint: String? { "install bubblewrap" }
}
