import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import StoaTestSupport

/// A loop whose events are made by hand.
struct LoopInHand {
    var logic: any MethodLogic
    var last: MethodAction

    init(_ options: JSONValue.Members = [:], tools: [ToolDefinition] = [python]) throws {
        let request = ModelRequest(messages: [ChatMessage(.user, "Q")], seed: SeedPath(seed: 0))
        logic = try ToolLoop.makeLogic(
            MethodInput(request: request, prompt: "Q", options: options, tools: tools))
        last = try logic.step(.began)
    }

    static let python = ToolDefinition(
        name: "python", description: "runs code",
        parameters: ["properties": ["code": ["type": "string"]], "required": ["code"]])

    /// The model writes; tokens are characters.
    @discardableResult
    mutating func write(_ text: String, _ finish: FinishReason? = nil, calls: [ToolCall] = []) throws -> MethodAction {
        let isBlock = request.flatMap(\.fence).map { FenceScan(text, $0).block != nil } ?? false
        last = try logic.step(
            .replied(
                ModelReply(
                    text: text, toolCalls: calls, finish: finish ?? (isBlock ? .fence : .stop),
                    tokens: text.unicodeScalars.map { TokenID(Int32(bitPattern: $0.value)) })))
        return last
    }

    /// The tool returns.
    @discardableResult
    mutating func tell(_ result: CodeResult) throws -> MethodAction {
        let status: ToolResult.Status = result.isOK ? .ok : result.limit == nil ? .failed : .limit
        return try tell(ToolResult(status: status, value: result.document, output: result.stdout))
    }

    @discardableResult
    mutating func tell(_ result: ToolResult) throws -> MethodAction {
        last = try logic.step(.returned(result))
        return last
    }

    /// What is asked of the model; nil for something else.
    var request: ModelRequest? { if case .ask(let request) = last { request } else { nil } }

    /// What is called; nil for something else.
    var call: ToolCall? { if case .call(let call, _) = last { call } else { nil } }

    /// The code that is called.
    var code: String? { call?.arguments["code"]?.stringValue }

    /// The value; nil where it goes on.
    var value: JSONValue? { if case .finish(let members) = last { .object(members) } else { nil } }

    /// Why it ended; nil where it goes on.
    var finish: String? { value?["finish"]?.stringValue }
}

/// Code in a block, as a model writes it.
func block(_ code: String, _ words: String = "So:\n") -> String { "\(words)```python\n\(code)\n```\n" }

/// Whole runs of a loop.
struct LoopScene {
    var journal: any Journal = InMemoryJournal()
    var model: any LanguageModel
    var tools: any ToolExecutor = StatefulTools()

    static let environment = PlanEnvironment(
        verifiers: [], choiceRules: ChoiceRules.names, builtinTools: ["python"], methods: Methods.all)

    /// A model that writes one text after another, by how much of the turn is its own.
    static func model(_ turns: [String]) -> ScriptedModel {
        ScriptedModel { request in
            let done = request.turn.count { if case .tokens = $0 { true } else { false } }
            return .say(done < turns.count ? turns[done] : "")
        }
    }

    static func plan(_ options: JSONValue, budget: JSONValue = .emptyObject) throws -> Plan {
        try Plan(
            document: [
                "stoa": 1, "name": "test", "budget": budget, "parameters": ["question": ["type": "string"]],
                "agents": ["solver": ["prompt": "{{ question }}", "max_tokens": 400, "temperature": 1]],
                "tools": [
                    "python": [
                        "description": "runs code", "kind": "builtin", "idempotent": true,
                        "parameters": ["properties": ["code": ["type": "string"]], "required": ["code"]],
                    ]
                ],
                "steps": [["id": "solve", "method": "tool-loop", "agent": "solver", "options": options]],
                "output": "{{ solve.answer }} {{ solve.finish }}",
            ], environment: environment)
    }

    var driver: RunDriver {
        RunDriver(
            RunSetup(
                journal: journal, models: ["default": model], tools: tools, verifiers: [:], clock: ManualTimeSource(),
                identifiers: TestIdentifiers(), process: ProcessIdentity(process: 1, startTicks: 1, boot: "test")))
    }

    func run(_ plan: Plan) async throws -> RunOutcome {
        try await driver.run(plan, parameters: ["question": "Why?"], seed: 3)
    }

    func events(of run: RunID) async throws -> [RecordedEvent] {
        try await journal.events(in: run, after: 0, limit: .max)
    }

    /// The step's value.
    func value(of run: RunID) async throws -> JSONValue? {
        let key = EventKey(EffectKey(node: "solve", agent: AgentID("solver")), .messagePosted)
        return try await journal.event(key, in: run)?.event.payload["content"]
    }

    /// What each call of the model was given, in words.
    static func prompts(_ model: ScriptedModel) -> [String] {
        model.requests.map { ($0.messages.map(\.content) + $0.turn.map(\.text)).joined(separator: "|") }
    }
}
