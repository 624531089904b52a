public import StoaCore

/// How a text is to be generated.
public struct GenerationRequest: Sendable, Hashable {
    /// How tokens are chosen.
    public var sampling = SamplingParameters()
    /// The most tokens to generate; at least 1.
    public var maximumTokens = 256
    /// What ends the text besides the tokens that end a turn.
    public var stop = StopCondition()
    /// Goes on past the end of a turn: for measurements of fixed length.
    public var ignoresEndOfTurn = false
    /// Feeds the token that ended the turn, or else the last one, too, where the context has room for it: the cache then
    /// holds all that was said.
    public var feedsEnd = false
    /// Where chance comes from (E10): one number of the stream per generated token.
    public var stream = RandomStream(seed: 0)
    /// Events that a stream may hold before generation waits for its reader; at least 1.
    public var bufferedEvents = 64

    /// The defaults: sampling from the model's own distribution.
    public init() {}
}

/// A finished generation.
public struct Generation: Sendable {
    /// The generated tokens; one that ended the turn is not among them.
    public var tokens: [TokenID]
    /// Their text, cut before a stop string.
    public var text: String
    /// Why it ended.
    public var finish: FinishReason
    /// One entry per token, where asked for.
    public var logProbabilities: [TokenLogProbability]
    /// What it cost.
    public var usage: Usage
    /// Everything that was fed: what came before, the prompt, and the tokens.
    ///
    /// Where `finish` is `.stop`, that is all tokens; otherwise the last one has been chosen but not been fed. With
    /// `feedsEnd` it has been, and so has the token that ended the turn.
    public var cache: KVCache
}
