/// Takes the most probable token; the lowest id among equals.
package enum GreedyChoice {
    /// Makes the choice.
    ///
    /// - Parameter row: a row with at least one finite logit in the running.
    /// - Returns: the token's id.
    package static func choose(from row: LogitRow) -> Int {
        let values = row.values
        guard row.isTruncated else { return LogitMath.argmax(values) }
        var best = 0
        for place in row.candidates.indices
        where values[Int(row.candidates[place])] > values[Int(row.candidates[best])] {
            best = place
        }
        return Int(row.candidates[best])
    }
}
