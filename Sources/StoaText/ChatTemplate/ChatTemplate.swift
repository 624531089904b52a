public import OrderedCollections
public import StoaCore

/// The template by which a model wants its conversations written, as model files carry it.
///
/// It is rendered in the environment of the transformers library, which the authors of such templates test with:
/// `messages`, `tools`, `documents`, `add_generation_prompt`, the special tokens and whatever else the caller adds are
/// the names it sees. The result says which parts the template itself wrote: only there may a tokenizer read control
/// tokens, so what a message says can't forge one.
public struct ChatTemplate: Sendable {
    /// The roles that are written by the program, never by a user, and are therefore trusted.
    public static let knownRoles: Set<String> = [
        "system", "developer", "user", "assistant", "model", "tool", "function", "ipython", "tool_response",
    ]

    /// The template.
    public let template: Template
    /// The special tokens by the names under which templates read them, such as `bos_token`.
    public let specialTokens: OrderedDictionary<String, String>

    /// Parses a chat template.
    ///
    /// - Parameters:
    ///   - source: the text, as in `tokenizer.chat_template` of a GGUF file or `chat_template.jinja` of a folder.
    ///   - name: what errors call it.
    ///   - specialTokens: the special tokens by name (`bos_token`, `eos_token`, …); those without a text left out.
    ///   - limits: the bounds of parsing and rendering.
    /// - Throws: `TemplateError` with line and column.
    public init(
        _ source: String, name: String = "chat template", specialTokens: OrderedDictionary<String, String> = [:],
        limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) {
        var options = TemplateOptions.chat
        options.limits = limits
        template = try Template(source, name: name, options: options)
        self.specialTokens = specialTokens
    }

    /// Writes a conversation as the model wants it.
    ///
    /// - Parameters:
    ///   - messages: the messages, each an object with at least `role` and most often `content`.
    ///   - tools: the JSON schemas of the tools, an array; nil for none.
    ///   - documents: documents to answer from, an array; nil for none.
    ///   - addGenerationPrompt: whether the text ends with the start of the assistant's next message.
    ///   - extra: other names the template reads, such as `enable_thinking`; they hide the special tokens.
    ///   - now: the date that `strftime_now` says; templates that ask for it fail without.
    /// - Returns: the text in segments of known provenance.
    /// - Throws: `TemplateError` with line and column, also where the template itself refuses the conversation.
    public func render(
        messages: [JSONValue], tools: JSONValue? = nil, documents: JSONValue? = nil, addGenerationPrompt: Bool = true,
        extra: OrderedDictionary<String, JSONValue> = [:], now: TemplateDate? = nil
    ) throws(TemplateError) -> TemplateOutput {
        var context: OrderedDictionary<String, TemplateValue> = [:]
        for (name, token) in specialTokens { context[name] = .trusted(token) }
        for (name, value) in extra { context[name] = TemplateValue(value) }
        context["messages"] = .list(messages.map(Self.message))
        context["tools"] = tools.map { TemplateValue($0) } ?? .null
        context["documents"] = documents.map { TemplateValue($0) } ?? .null
        context["add_generation_prompt"] = .bool(addGenerationPrompt)
        return try template.renderSegments(context: context, now: now)
    }

    /// A message whose role is trusted if it is a known one, and nothing else in it.
    private static func message(_ json: JSONValue) -> TemplateValue {
        guard case .object(let members) = json else { return TemplateValue(json) }
        var message: OrderedDictionary<String, TemplateValue> = [:]
        for (name, value) in members {
            let isKnownRole = name == "role" && value.stringValue.map(knownRoles.contains) == true
            message[name] = TemplateValue(value, isTrusted: isKnownRole)
        }
        return .dictionary(message)
    }
}
