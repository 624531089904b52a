internal import OrderedCollections
internal import StoaCore
internal import StoaText

/// Turns the conversation of a request into the tokens that a model reads.
///
/// A model that comes with a chat template gets what the template writes. Only what the template itself wrote, and the
/// names of roles, can become control tokens: whatever a message says is spelt like any other text, and so can't forge
/// the end of a turn. The template may ask for the date of the request, never for a clock's.
///
/// A base model gets a transcript:
///
///     System: …
///
///     User: …
///
///     Assistant:
///
/// It would go on and write the user's next turn too, so a line that begins one ends the reply. In a transcript there is
/// no telling a forged turn from a real one: nothing but an instruct model keeps them apart.
struct PromptWriter: Sendable {
    /// What is fed, and what ends the reply besides what the request says.
    struct Prompt: Sendable {
        var tokens: [TokenID]
        var stop: [String] = []
        /// How many of the tokens are the conversation's; the others are the turn's that is under way.
        var conversation: Int
        /// Where the tokens come from, a span for the conversation and one for each piece of the turn; empty where there
        /// is nothing but the conversation.
        var spans: [TokenSpan] = []
        /// What it cost to find out which rows of the latents before it are kept.
        var recallUsage = Usage.zero
        /// Keeps the latents before it in memory for as long as the prompt is at hand.
        var lease: LatentLease?

        init(tokens: [TokenID], stop: [String] = []) {
            self.tokens = tokens
            self.stop = stop
            conversation = tokens.count
        }

        /// Why a generation ended, as the caller is told: the transcript's own stop strings are ends of a turn.
        ///
        /// Where the request has stop strings of its own, which one it was is not known: it counts as the request's.
        func finish(_ reason: FinishReason, request: ModelRequest) -> FinishReason {
            reason == .stopString && request.stop.isEmpty ? .stop : reason
        }
    }

    let name: String
    let tokenizer: Tokenizer
    private let template: ChatTemplate?
    /// How the template has the model write calls of tools.
    let calls: any ToolCallFormat.Type

    /// Reads a model's chat template.
    ///
    /// - Parameters:
    ///   - stored: the model on disk.
    ///   - name: what errors call it.
    ///   - tokenizer: the model's tokenizer.
    /// - Throws: `TemplateError` for a template that cannot be parsed, or `WeightFileError` for one that cannot be read.
    init(_ stored: StoredModel, name: String, tokenizer: Tokenizer) throws {
        self.name = name
        self.tokenizer = tokenizer
        let source = try stored.chatTemplateSource()
        template = source == nil ? nil : try stored.chatTemplate(for: tokenizer)
        calls = ToolCallFormats.format(for: source ?? "")
    }

    /// The tokens of a request's conversation, up to where the model's answer begins, and of the turn that is under way.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - isContinuation: whether something comes before, so that a transcript has begun already.
    /// - Returns: the prompt.
    /// - Throws: `TemplateError` where the template refuses the conversation, or `ModelError` where a base model is
    ///   offered tools, or where the turn has tokens that can't be in one.
    func write(_ request: ModelRequest, isContinuation: Bool) throws -> Prompt {
        var prompt = try conversation(request, isContinuation: isContinuation)
        try prompt.add(request.turn, of: self, allowsEnds: request.ignoresEndOfTurn)
        return prompt
    }

    private func conversation(_ request: ModelRequest, isContinuation: Bool) throws -> Prompt {
        guard let template else { return try transcript(request, isContinuation: isContinuation) }
        let rendered = try template.render(
            messages: request.messages.map(\.document),
            tools: request.tools.isEmpty ? nil : .array(request.tools.map(\.document)),
            now: request.date.map { TemplateDate($0) })
        return Prompt(tokens: tokenizer.encode(segments: rendered.segments))
    }

    // MARK: - Transcripts

    private func transcript(_ request: ModelRequest, isContinuation: Bool) throws -> Prompt {
        guard request.tools.isEmpty else {
            throw ModelError.invalidRequest(
                "model \(name) has no chat template and cannot be offered tools",
                hint: "use an instruct model, or call the tools from the playbook")
        }
        let turns = request.messages.map { message in
            ([message.content] + message.toolCalls.map(\.document.canonicalText))
                .filter { !$0.isEmpty }
                .reduce("\(message.role.heading):") { "\($0) \($1)" }
        }
        let text = (turns + ["\(ChatMessage.Role.assistant.heading):"]).joined(separator: "\n\n")
        return Prompt(
            tokens: tokenizer.encode(text, addSpecial: !isContinuation),
            stop: ChatMessage.Role.allCases.map { "\n\($0.heading):" })
    }
}

extension ChatMessage.Role {
    /// What a turn begins with in a transcript.
    fileprivate var heading: String {
        switch self {
        case .system: "System"
        case .user: "User"
        case .assistant: "Assistant"
        case .tool: "Tool"
        }
    }
}
