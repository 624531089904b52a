public import StoaCore

extension LocalModel {
    /// Feeds inputs and keeps what the model remembers of them.
    ///
    /// - Parameters:
    ///   - inputs: tokens or vectors, at least one.
    ///   - cache: what comes before; nil for nothing.
    ///   - author: who the rows belong to.
    /// - Returns: the cache with a row per input added.
    /// - Throws: `ModelError`, or `CancellationError`.
    public func prefill(
        _ inputs: [ModelInput], from cache: KVCache? = nil, author: String = ""
    ) async throws -> KVCache {
        try await run(PrefillDriver(inputs: inputs), from: cache, author: author).cache
    }

    /// Teacher-forced log-probabilities (E7).
    ///
    /// - Parameters:
    ///   - tokens: the text to score.
    ///   - cache: what comes before; nil for nothing.
    ///   - alternatives: how many of the most probable tokens to name at each place.
    ///   - hidden: whether the hidden states after the final norm are wanted.
    /// - Returns: entry i is log p(token i | those before it), natural, of the unmodified distribution; the first is nil.
    /// - Throws: `ModelError`, or `CancellationError`.
    public func score(
        _ tokens: [TokenID], from cache: KVCache? = nil, alternatives: Int = 0, hidden: Bool = false
    ) async throws -> Score {
        let driver = ScoreDriver(tokens: tokens, alternatives: alternatives, wantsHidden: hidden)
        let result = try await run(driver, from: cache, author: "")
        return Score(tokens: driver.scores, hidden: driver.hidden, usage: result.usage)
    }

    /// Feeds inputs once and brings back what is inside (E1), under an attention mask if wanted (E9).
    ///
    /// - Parameters:
    ///   - inputs: tokens or vectors, at least one.
    ///   - cache: what comes before; nil for nothing.
    ///   - outputs: what to keep of which rows.
    ///   - positions: the position of each input; nil for the next ones.
    ///   - mask: which rows each input sees; nil for all before it.
    /// - Returns: the kept rows and the cache afterwards.
    /// - Throws: `ModelError`, or `CancellationError`.
    package func probe(
        _ inputs: [ModelInput], from cache: KVCache? = nil, outputs: OutputRequest, positions: [Int32]? = nil,
        mask: AttentionMask? = nil
    ) async throws -> (rows: [ProbeRow], cache: KVCache) {
        let driver = ProbeDriver(inputs: inputs, outputs: outputs, positions: positions, mask: mask)
        let result = try await run(driver, from: cache, author: "")
        return (driver.rows, result.cache)
    }
}

/// A scored text.
public struct Score: Sendable, Hashable {
    /// One entry per token; nil where nothing came before.
    public var tokens: [TokenLogProbability?]
    /// Hidden states after the final norm, [tokens][width]; empty unless asked for.
    public var hidden: [[Float]]
    /// What it cost.
    package var usage: SequenceUsage
}
