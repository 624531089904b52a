public import StoaCore

/// How a text is to be generated.
public struct GenerationRequest: Sendable, Hashable {
    /// How tokens are chosen.
    public var sampling = SamplingParameters()
    /// The most tokens to generate; at least 1.
    public var maximumTokens = 256
    /// What the model answers with; nil for the model as it is.
    public var adapter: AdapterReference?
    /// What ends the text besides the tokens that end a turn.
    public var stop = StopCondition()
    /// How a block of code is fenced whose end ends the text; nil where blocks are text like any other.
    ///
    /// The text ends with the token that completes the first block; all of this token's text belongs to it.
    public var fence: FenceSyntax?
    /// What the text has to be; nil for anything.
    ///
    /// The text ends where it is complete and nothing may follow, or where it is complete and the model ends its turn; both
    /// are a `.stop`. It gets complete within `maximumTokens` whatever the model says; what can't is refused. What is in
    /// `stop` does not end it. Log-probabilities are those of the model's own distribution over the whole vocabulary, as
    /// without a constraint. Excludes `fence` and `ignoresEndOfTurn`.
    public var constraint: OutputConstraint?
    /// Goes on past the end of a turn: for measurements of fixed length.
    public var ignoresEndOfTurn = false
    /// Feeds the token that ended the turn, or else the last one, too, where the context has room for it: the cache then
    /// holds all that was said.
    public var feedsEnd = false
    /// Guesses tokens that may follow from where the text said the same before, and verifies them together: the result has
    /// the same bits, sooner where a text repeats itself.
    public var drafts = true
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
