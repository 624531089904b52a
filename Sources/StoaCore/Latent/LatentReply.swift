/// What thinking left behind.
public struct LatentReply: Sendable, Hashable {
    /// The thought.
    public var latent: LatentHandle
    /// The tokens of the prompt as the model was given it.
    public var promptTokens: [TokenID]
    /// Why it ended.
    public var halt: LatentHalt
    /// SHA-256 of the alignment matrix where one was used, as little-endian 32-bit floats, row by row.
    public var alignment: SHA256Digest?
    /// One entry per step; empty unless asked for.
    public var trace: [LatentStepTrace]
    /// The vectors that were fed, [steps][width]; empty unless a trace was asked for.
    public var vectors: [[Float]]
    /// What it cost.
    public var usage: Usage
    /// How long it took, waiting included.
    public var duration: Duration

    /// Creates a reply.
    public init(
        latent: LatentHandle, promptTokens: [TokenID] = [], halt: LatentHalt = .steps, alignment: SHA256Digest? = nil,
        trace: [LatentStepTrace] = [], vectors: [[Float]] = [], usage: Usage = Usage(), duration: Duration = .zero
    ) {
        self.latent = latent
        self.promptTokens = promptTokens
        self.halt = halt
        self.alignment = alignment
        self.trace = trace
        self.vectors = vectors
        self.usage = usage
        self.duration = duration
    }
}
