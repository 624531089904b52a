package import StoaCore
package import StoaText

/// The tokens of conversations and of replies to them, as the engine would read and write them: what a model is trained on.
///
/// The prompt is what agents' requests become. A reply is spelt by itself, as a text that goes on behind the prompt, none
/// of its words a mark of the protocol; the token behind it is the one by which the model's own template ends a turn.
package struct ReplyEncoder: Sendable {
    private let writer: PromptWriter
    /// What ends a turn; nil for a model without such a token.
    package let endOfTurn: TokenID?
    private let hasTemplate: Bool

    /// Reads what conversations need of a model.
    ///
    /// - Parameters:
    ///   - stored: the model on disk.
    ///   - name: what errors call it.
    ///   - tokenizer: the model's tokenizer.
    /// - Throws: `TemplateError` for a template that cannot be parsed, or `WeightFileError` for one that cannot be read.
    package init(_ stored: StoredModel, name: String, tokenizer: Tokenizer) throws {
        writer = try PromptWriter(stored, name: name, tokenizer: tokenizer)
        let special = tokenizer.special
        hasTemplate = try stored.chatTemplateSource() != nil
        let written = hasTemplate ? try? Self.closedTurn(stored.chatTemplate(for: tokenizer), tokenizer) : nil
        let eos = special.eos.flatMap { special.endOfTurn.contains($0) ? $0 : nil }
        endOfTurn = written?.last(where: special.endOfTurn.contains) ?? eos ?? special.endOfTurn.min()
    }

    /// A short conversation that ends with an answer.
    private static func closedTurn(_ template: ChatTemplate, _ tokenizer: Tokenizer) throws -> [TokenID] {
        let messages = [ChatMessage(.user, "1"), ChatMessage(.assistant, "2")].map(\.document)
        return tokenizer.encode(segments: try template.render(messages: messages, addGenerationPrompt: false).segments)
    }

    /// The tokens of a conversation, up to where the model's reply begins.
    ///
    /// - Parameter messages: the conversation.
    /// - Returns: what the engine would read.
    /// - Throws: `TemplateError` where the template refuses the conversation.
    package func prompt(_ messages: [ChatMessage]) throws -> [TokenID] {
        try writer.write(ModelRequest(messages: messages, seed: SeedPath(seed: 0)), isContinuation: false).tokens
    }

    /// The tokens of a reply, the end of the turn included.
    ///
    /// - Parameter text: the reply's words.
    /// - Returns: what the engine would have written.
    package func reply(_ text: String) -> [TokenID] {
        // In a transcript a turn is behind a heading, and a space apart from it.
        let isApart = hasTemplate || text.first.map(\.isWhitespace) ?? true
        return writer.spell(isApart ? text : " \(text)") + (endOfTurn.map { [$0] } ?? [])
    }
}
