package import StoaCore

/// The model's own distribution at one place, as far as it is reported.
package struct DistributionReport: Sendable {
    /// log(sum(exp(logit))).
    package let logSumExp: Double
    /// The most probable tokens in descending order.
    package let top: [TokenLogProbability.Alternative]

    /// Reads a row that no transform has touched.
    ///
    /// - Parameters:
    ///   - row: a row just loaded; it is left as it was.
    ///   - alternatives: how many of the most probable tokens to report; all where there are fewer.
    package init(of row: LogitRow, alternatives: Int) {
        let values = row.values
        let normaliser = LogitMath.logSumExp(values)
        logSumExp = normaliser
        guard alternatives > 0 else {
            top = []
            return
        }
        row.keepHighest(alternatives)
        let ids = row.isTruncated ? row.candidates : (0..<Int32(values.count)).filter { values[Int($0)] > -.infinity }
        top =
            ids
            .sorted { (values[Int($0)], $1) > (values[Int($1)], $0) }
            .map { .init(id: TokenID($0), logProbability: Double(values[Int($0)]) - normaliser) }
        row.isTruncated = false
    }

    /// The entry of a token.
    ///
    /// - Parameters:
    ///   - id: the token.
    ///   - logits: the row that the report was made of.
    /// - Returns: its log-probability and the most probable tokens.
    package func entry(for id: Int, in logits: UnsafeBufferPointer<Float>) -> TokenLogProbability {
        TokenLogProbability(
            id: TokenID(Int32(id)), logProbability: Double(logits[id]) - logSumExp, top: top)
    }
}
