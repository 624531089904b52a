public import StoaCore

/// Tokens, and which of them the model is asked for.
///
/// Token ids are what is trained on: text is never tokenised again.
public struct TrainingSequence: Sendable, Hashable {
    /// All tokens, in order.
    public let tokens: [TokenID]
    /// For each token whether its log-probability, given the tokens before it, counts.
    ///
    /// The first has none before it.
    public let isScored: [Bool]

    /// Creates a sequence.
    ///
    /// - Parameters:
    ///   - tokens: at least two.
    ///   - isScored: for each token whether it counts; the first cannot, and at least one must.
    /// - Throws: `TrainingError` where the two do not fit.
    public init(tokens: [TokenID], isScored: [Bool]) throws(TrainingError) {
        guard tokens.count == isScored.count else {
            throw TrainingError(
                .invalidBatch, "training sequence: \(tokens.count) tokens with a mask of \(isScored.count)")
        }
        guard isScored.first == false, isScored.contains(true) else {
            throw TrainingError(
                .invalidBatch,
                "training sequence of \(tokens.count) tokens: expected at least one scored token behind the first",
                hint: "the first token has no tokens before it that it could follow from")
        }
        self.tokens = tokens
        self.isScored = isScored
    }

    /// A prompt and what is to follow it: the tokens of the latter count.
    ///
    /// - Parameters:
    ///   - prompt: at least one token.
    ///   - completion: at least one token, the end of the turn included.
    /// - Throws: `TrainingError` where one of them is empty.
    public init(prompt: [TokenID], completion: [TokenID]) throws(TrainingError) {
        try self.init(
            tokens: prompt + completion,
            isScored: prompt.map { _ in false } + completion.map { _ in true })
    }

    /// How many tokens count.
    public var scoredCount: Int { isScored.count { $0 } }
}

/// Sequences that a loss looks at together: one for supervised training, two for a preference.
public struct TrainingGroup: Sendable, Hashable {
    /// The sequences.
    public let sequences: [TrainingSequence]

    /// Creates a group.
    public init(_ sequences: [TrainingSequence]) { self.sequences = sequences }

    /// All tokens of the group.
    var rows: Int { sequences.reduce(0) { $0 + $1.tokens.count } }
}
