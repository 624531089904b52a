/// A wish for text from a model.
///
/// The reply of an engine's model is a pure function of the request and the model.
public struct ModelRequest: Sendable, Hashable {
    /// The conversation so far.
    public var messages: [ChatMessage]
    /// Latent messages that the model has in mind before the conversation begins, in order; all of this model.
    public var context: [LatentHandle]
    /// What all latents of the context continue; nil where they stand for themselves, one behind the other.
    ///
    /// Its rows are kept once, and what each of the latents adds follows, moved to contiguous positions.
    public var base: LatentHandle?
    /// Which of their rows are kept.
    public var recall: LatentRecall
    /// Whether what the model remembers of the conversation and of its reply is kept as a latent.
    public var keepsLatent: Bool
    /// Whether tokens that end a turn are text like any other, for replies of a fixed length.
    public var ignoresEndOfTurn: Bool
    /// The answer as far as it is written already, which the model goes on with; empty where it begins.
    ///
    /// Models that take words only are shown the model's words as its own turns and feedback as the user's.
    public var turn: [TurnPiece]
    /// How a block of code is fenced whose end ends the reply; nil where blocks are text like any other.
    ///
    /// The reply ends behind the first complete block of the words it adds itself.
    public var fence: FenceSyntax?
    /// What the words that the reply adds have to be; nil for anything.
    ///
    /// Excludes `fence`, `tools` and `ignoresEndOfTurn`; what is in `stop` does not end the text then.
    public var constraint: OutputConstraint?
    /// The adapter that the model answers with; nil for the model as it is.
    public var adapter: AdapterReference?
    /// Tools the model may call.
    public var tools: [ToolDefinition]
    /// How tokens are chosen.
    ///
    /// Log-probabilities of the chosen tokens are always reported where the model has them.
    public var sampling: SamplingParameters
    /// The most tokens to generate.
    public var maximumTokens: Int
    /// Strings that end the text.
    public var stop: [String]
    /// Whose randomness is drawn on.
    public var seed: SeedPath
    /// Who speaks, for provenance.
    public var author: String
    /// The date that a chat template may ask for: that of the run's start, so that a replay is told the same; nil where
    /// there is none to tell.
    public var date: WallTime?

    /// Creates a request.
    public init(
        messages: [ChatMessage], context: [LatentHandle] = [], tools: [ToolDefinition] = [],
        sampling: SamplingParameters = SamplingParameters(), maximumTokens: Int = 256, stop: [String] = [],
        seed: SeedPath, author: String = "", date: WallTime? = nil, base: LatentHandle? = nil,
        recall: LatentRecall = LatentRecall(), keepsLatent: Bool = false, ignoresEndOfTurn: Bool = false,
        turn: [TurnPiece] = [], fence: FenceSyntax? = nil, constraint: OutputConstraint? = nil,
        adapter: AdapterReference? = nil
    ) {
        self.adapter = adapter
        self.turn = turn
        self.fence = fence
        self.constraint = constraint
        self.base = base
        self.recall = recall
        self.keepsLatent = keepsLatent
        self.ignoresEndOfTurn = ignoresEndOfTurn
        self.messages = messages
        self.context = context
        self.tools = tools
        self.sampling = sampling
        self.maximumTokens = maximumTokens
        self.stop = stop
        self.seed = seed
        self.author = author
        self.date = date
    }
}
