internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// What a loop was told.
struct ToolLoopOptions: Sendable {
    /// The tool that runs code.
    var tool: String
    /// What the tool calls the code.
    var argument: String
    /// How code is fenced; nil where it is not looked for.
    var fence: FenceSyntax?
    /// The most turns of the model.
    var turns: Int
    /// The most calls; nil for as many as the turns make.
    var toolCalls: Int?
    var feedback: any FeedbackPolicy
    var answer: any AnswerPolicy
    /// The tools that are offered as the model's own; nil where none are.
    var native: [ToolDefinition]?

    init(_ input: MethodInput) {
        let options = input.options
        func word(_ key: String) -> String? { options[key]?.stringValue }
        let isNative = options["native"]?.boolValue ?? false
        let named = word("tool")
        tool = named ?? ToolLoop.usualTool
        argument = Self.argument(of: tool, among: input.tools)
        fence = word("fence").flatMap(FenceSyntax.init(rawValue:)) ?? (isNative ? nil : .strict)
        turns = options["turns"]?.intValue ?? 5
        toolCalls = options["tool_calls"]?.intValue
        let longest = options["feedback_chars"]?.intValue ?? 2000
        feedback = FeedbackPolicies.named(word("feedback"), longest: longest)
        answer = AnswerPolicies.named(word("answer"))
        native = isNative ? input.tools.filter { named == nil || $0.name == named } : nil
    }

    /// What a tool calls the code that it is given: `code`, or its only required argument.
    static func argument(of tool: String, among tools: [ToolDefinition]) -> String {
        let usual = "code"
        guard let parameters = tools.first(where: { $0.name == tool })?.parameters,
            parameters["properties"]?[usual] == nil, let required = parameters["required"]?.arrayValue,
            required.count == 1
        else { return usual }
        return required[0].stringValue ?? usual
    }
}
