package import StoaCore

extension LocalModel {
    /// The most rows of a prompt whose attention is looked at: the last ones, which have read the rest.
    package static let attentiveRows = 16

    /// How much attention a prompt pays to each row of what comes before it.
    ///
    /// The prompt is read once for this, behind a fork of the cache; what it leaves there is dropped, since the rows that
    /// are kept in the end are others.
    ///
    /// Determinism: a pure function of the model, the prompt and the cache's content.
    ///
    /// - Parameters:
    ///   - prompt: the prompt's tokens, at least one.
    ///   - cache: what comes before.
    ///   - adapter: what the model reads with; nil for the model as it is.
    /// - Returns: for each row the softmax weights that the prompt's last rows, `attentiveRows` at most, give it, summed
    ///   over all layers and heads; and what reading cost.
    /// - Throws: `ModelError` where the prompt does not fit behind the cache, or `CancellationError`.
    package func attentionMass(
        of prompt: [TokenID], over cache: KVCache, adapter: AdapterReference? = nil
    ) async throws -> (mass: [Double], usage: SequenceUsage) {
        let driver = ProbeDriver(
            inputs: prompt.map { .token($0) }, outputs: OutputRequest(attention: Self.attentiveRows), positions: nil,
            mask: nil)
        let result = try await run(driver, from: cache, author: "", adapter: adapter)
        var mass = [Double](repeating: 0, count: cache.count)
        for row in driver.rows {
            for index in mass.indices { mass[index] += row.attention[index] }
        }
        return (mass, result.usage)
    }
}
