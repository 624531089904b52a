/// A tool is called.
///
/// The step's value is `{value, output, status, ok}`.
public struct CallVerb: StepVerb {
    /// `call`.
    public static let keyword = "call"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("call", .tool, isRequired: true, "the tool that is called"),
        PlanField("arguments", .arguments, "its arguments; strings may hold expressions"),
        PlanField(
            "session", .string,
            "a name for the state that calls with the same name and tool share, in this run; absent: what the tool says"
        ),
        PlanField("by", .agent, "the agent that has it called, of role tool_executor; absent: 'tools', which is added"),
    ]

    /// The agent that has tools called where a step names none.
    public static let implicitExecutor = "tools"

    /// The tool that is called.
    public var tool: String
    /// Its arguments, an object.
    public var arguments: PlanValue
    /// The state that it shares with calls of the same name and tool; nil for what the tool says.
    public var session: String?
    /// The agent that has it called.
    public var executor: String

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let tool = reader.tool("call")
        arguments = reader.arguments("arguments")
        session = reader.sessionName("session")
        let executor = reader.agent("by", roles: [.toolExecutor], implicit: Self.implicitExecutor)
        if let executor { reader.checkReads(of: executor, arguments.names, at: "arguments") }
        guard let tool, let executor else { return nil }
        self.tool = tool
        self.executor = executor
    }

    /// What its arguments read.
    public var names: [String] { arguments.names }
    /// The agent that has the tool called.
    public var agents: [String] { [executor] }
}
