/// What a model said.
///
/// Token ids are authoritative: `text` is their rendering and is never tokenised again.
public struct ModelReply: Sendable, Hashable {
    /// The text, cut before a stop string.
    public var text: String
    /// The tools it wants called.
    public var toolCalls: [ToolCall]
    /// Why it ended.
    public var finish: FinishReason
    /// The tokens of the prompt as the model was given it; empty for a remote model that does not tell.
    public var promptTokens: [TokenID]
    /// Where the prompt's tokens come from, in order; empty for a prompt that holds nothing but the conversation.
    public var promptSpans: [TokenSpan]
    /// The tokens it generated; empty for a remote model that does not tell.
    public var tokens: [TokenID]
    /// One entry per generated token, where the model reports them.
    public var logProbabilities: [TokenLogProbability]
    /// The latents before the conversation, the conversation and the reply as one latent, held once; nil unless asked for.
    public var latent: LatentHandle?
    /// Rows of latents that it had in mind before the conversation, without those that were left out; nil where there were
    /// none, or for a model that does not tell.
    public var contextRows: Int?
    /// What it cost.
    public var usage: Usage
    /// How long the call took, waiting included.
    public var duration: Duration

    /// Creates a reply.
    public init(
        text: String, toolCalls: [ToolCall] = [], finish: FinishReason, promptTokens: [TokenID] = [],
        tokens: [TokenID] = [], logProbabilities: [TokenLogProbability] = [], usage: Usage = Usage(),
        duration: Duration = .zero, latent: LatentHandle? = nil, contextRows: Int? = nil,
        promptSpans: [TokenSpan] = []
    ) {
        self.promptSpans = promptSpans
        self.latent = latent
        self.contextRows = contextRows
        self.text = text
        self.toolCalls = toolCalls
        self.finish = finish
        self.promptTokens = promptTokens
        self.tokens = tokens
        self.logProbabilities = logProbabilities
        self.usage = usage
        self.duration = duration
    }
}
