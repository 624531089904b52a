public import StoaCore

extension LocalModel {
    /// Feeds inputs and keeps what the model remembers of them.
    ///
    /// - Parameters:
    ///   - inputs: tokens or vectors, at least one.
    ///   - cache: what comes before; nil for nothing.
    ///   - author: who the rows belong to.
    ///   - adapter: what the model reads with; nil for the model as it is.
    /// - Returns: the cache with a row per input added.
    /// - Throws: `ModelError`, `AdapterError`, or `CancellationError`.
    public func prefill(
        _ inputs: [ModelInput], from cache: KVCache? = nil, author: String = "", adapter: AdapterReference? = nil
    ) async throws -> KVCache {
        try await run(PrefillDriver(inputs: inputs), from: cache, author: author, adapter: adapter).cache
    }

    /// Teacher-forced log-probabilities (E7).
    ///
    /// - Parameters:
    ///   - tokens: the text to score.
    ///   - cache: what comes before; nil for nothing.
    ///   - alternatives: how many of the most probable tokens to name at each place.
    ///   - hidden: whether the hidden states after the final norm are wanted.
    ///   - adapter: what the model answers with; nil for the model as it is.
    /// - Returns: entry i is log p(token i | those before it), natural, of the unmodified distribution; the first is nil.
    /// - Throws: `ModelError`, `AdapterError`, or `CancellationError`.
    public func score(
        _ tokens: [TokenID], from cache: KVCache? = nil, alternatives: Int = 0, hidden: Bool = false,
        adapter: AdapterReference? = nil
    ) async throws -> Score {
        let driver = ScoreDriver(tokens: tokens, alternatives: alternatives, wantsHidden: hidden)
        let result = try await run(driver, from: cache, author: "", adapter: adapter)
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
    ///   - adapter: what the model reads with; nil for the model as it is.
    /// - Returns: the kept rows and the cache afterwards.
    /// - Throws: `ModelError`, `AdapterError`, or `CancellationError`.
    package func probe(
        _ inputs: [ModelInput], from cache: KVCache? = nil, outputs: OutputRequest, positions: [Int32]? = nil,
        mask: AttentionMask? = nil, adapter: AdapterReference? = nil
    ) async throws -> (rows: [ProbeRow], cache: KVCache) {
        let driver = ProbeDriver(inputs: inputs, outputs: outputs, positions: positions, mask: mask)
        let result = try await run(driver, from: cache, author: "", adapter: adapter)
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
