/// A wish for text from a model.
///
/// The reply of an engine's model is a pure function of the request and the model.
public struct ModelRequest: Sendable, Hashable {
    /// The conversation so far.
    public var messages: [ChatMessage]
    /// Latent messages that the model has in mind before the conversation begins, in order; all of this model.
    public var context: [LatentHandle]
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
        seed: SeedPath, author: String = "", date: WallTime? = nil
    ) {
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
