public import StoaCore

/// A token that was chosen.
public struct SampledToken: Sendable, Hashable {
    /// The token.
    public let id: TokenID
    /// How probable the model found it, where the parameters ask for it.
    public let logProbability: TokenLogProbability?
}

/// Chooses the next token from a row of logits: a pure function of logits, history, mask, random stream and position.
///
/// Determinism: the same arguments give the same token and the same bits of log-probabilities, on whatever thread and
/// in whatever batch. Log-probabilities are those of the model's own distribution: temperature 1, before penalties,
/// bias, mask and truncation.
public struct Sampler: Sendable {
    /// The parameters it was made from.
    public let parameters: SamplingParameters
    /// How many logits a row has.
    public let vocabularySize: Int

    /// Penalties, bias and mask.
    private let edits: [any SamplerTransform]
    /// Temperature, top-k, top-p and min-p; not used where the most probable token is taken.
    private let shaping: [any SamplerTransform]

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - parameters: how to choose.
    ///   - vocabularySize: how many logits a row has.
    /// - Throws: `SamplingError` naming the parameter, its range and what was found.
    public init(_ parameters: SamplingParameters, vocabularySize: Int) throws(SamplingError) {
        try parameters.validate()
        if let id = parameters.logitBias.keys.filter({ $0.index >= vocabularySize }).min() {
            throw .biasOutsideVocabulary(id: id, vocabularySize: vocabularySize)
        }
        self.parameters = parameters
        self.vocabularySize = vocabularySize
        let edits: [any SamplerTransform] = [
            RepetitionPenalty(penalty: parameters.repetitionPenalty),
            FrequencyPenalty(penalty: parameters.frequencyPenalty),
            PresencePenalty(penalty: parameters.presencePenalty),
            LogitBias(parameters.logitBias),
            ConstraintMask(),
        ]
        let shaping: [any SamplerTransform] = [
            Temperature(temperature: parameters.temperature),
            TopK(k: parameters.topK),
            TopP(p: parameters.topP),
            MinP(p: parameters.minP),
        ]
        self.edits = edits.filter(\.isActive)
        self.shaping = parameters.temperature == 0 ? [] : shaping.filter(\.isActive)
    }

    /// Chooses a token.
    ///
    /// Complexity: a few passes over the vocabulary; no sorting, and no allocation once the row's buffers have grown.
    ///
    /// - Parameters:
    ///   - logits: the model's logits, `[vocabularySize]`; not changed. NaN counts as negative infinity.
    ///   - history: the tokens before the place; read by the penalties only.
    ///   - mask: the tokens that a constraint allows; nil for all.
    ///   - stream: the stream of the sequence.
    ///   - position: the position in the stream: the index of the token in its sequence.
    ///   - row: working storage, used by one call at a time.
    /// - Returns: the token, with log-probabilities where the parameters ask for them.
    /// - Throws: `SamplingError` where there is no token to choose or a logit is infinite.
    package func sample(
        _ logits: UnsafeBufferPointer<Float>, history: TokenHistory = TokenHistory(), mask: TokenMask? = nil,
        stream: RandomStream, position: Int, using row: LogitRow
    ) throws(SamplingError) -> SampledToken {
        precondition(logits.count == vocabularySize, "a row has \(vocabularySize) logits, not \(logits.count)")
        precondition(position >= 0, "positions start at 0")
        row.load(logits)
        guard row.maximum > -.infinity else { throw .noFiniteLogit(vocabularySize: vocabularySize) }
        guard row.maximum < .infinity else { throw .infiniteLogit(id: TokenID(Int32(LogitMath.argmax(row.values)))) }
        let report = parameters.logProbabilities.map { DistributionReport(of: row, alternatives: $0) }

        try transform(row, context: SamplingContext(history: history, mask: mask))
        let id =
            parameters.temperature == 0
            ? GreedyChoice.choose(from: row)
            : RandomChoice.choose(from: row, draw: stream.uniform(at: UInt64(position)))
        return SampledToken(id: TokenID(Int32(id)), logProbability: report?.entry(for: id, in: logits))
    }

    /// Turns a loaded row into the distribution that the token is drawn from.
    ///
    /// - Parameters:
    ///   - row: a row with at least one finite logit.
    ///   - context: history and mask.
    /// - Throws: `SamplingError.nothingAllowed` where mask and biases leave no token.
    package func transform(_ row: LogitRow, context: SamplingContext) throws(SamplingError) {
        for step in edits { step.apply(to: row, context: context) }
        guard row.maximum > -.infinity else { throw .nothingAllowed(vocabularySize: vocabularySize) }
        for step in shaping { step.apply(to: row, context: context) }
    }

    /// Chooses a token from an array of logits.
    ///
    /// - Parameters:
    ///   - logits: the model's logits, one for every token of the vocabulary.
    ///   - history: the tokens before the place.
    ///   - mask: the tokens that a constraint allows; nil for all.
    ///   - stream: the stream of the sequence.
    ///   - position: the position in the stream.
    /// - Returns: the token, with log-probabilities where the parameters ask for them.
    /// - Throws: `SamplingError` where there is no token to choose or a logit is infinite.
    public func sample(
        _ logits: [Float], history: TokenHistory = TokenHistory(), mask: TokenMask? = nil, stream: RandomStream,
        position: Int
    ) throws(SamplingError) -> SampledToken {
        let outcome = logits.withUnsafeBufferPointer { values in
            Result { () throws(SamplingError) in
                try sample(
                    values, history: history, mask: mask, stream: stream, position: position, using: LogitRow())
            }
        }
        return try outcome.get()
    }
}
