private import StoaCore

/// Draws a token in proportion to its probability, by inverting the cumulative distribution in order of id.
///
/// Over a whole vocabulary the sum is taken in two levels: first over blocks of 512 tokens, then inside the block in
/// which the draw falls, so that only one block is looked at token by token.
package enum RandomChoice {
    private static let blockLength = 512

    /// Makes the choice.
    ///
    /// Determinism: a pure function of the row and the draw; the order of summation depends on the number of tokens
    /// in the running only.
    ///
    /// - Parameters:
    ///   - row: a row with at least one finite logit in the running.
    ///   - draw: a uniform number in `0..<1`.
    /// - Returns: the token's id; never one of probability zero.
    package static func choose(from row: LogitRow, draw: Double) -> Int {
        let largest = Double(row.maximum)
        if row.isTruncated {
            row.weighCandidates(around: largest)
            let total = row.weights.reduce(0, +)
            return Int(row.candidates[place(of: draw * total, in: row.weights).place])
        }
        let values = row.values
        let starts = stride(from: 0, to: values.count, by: blockLength)
        row.weights.removeAll(keepingCapacity: true)
        for start in starts {
            row.weights.append(PortableMath.exp(LogitMath.logSumExp(block(of: values, at: start)) - largest))
        }
        let total = row.weights.reduce(0, +)
        let (index, rest) = place(of: draw * total, in: row.weights)
        let start = index * blockLength
        let blockMass = row.weights[index]
        row.weights.removeAll(keepingCapacity: true)
        for value in block(of: values, at: start) {
            row.weights.append(PortableMath.exp(Double(value) - largest))
        }
        // The block's own sum may differ from its mass in the last bits: the draw inside it is taken as a share.
        let sum = row.weights.reduce(0, +)
        return start + place(of: rest / blockMass * sum, in: row.weights).place
    }

    private static func block(of values: UnsafeBufferPointer<Float>, at start: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: values[start..<min(start + blockLength, values.count)])
    }

    /// The first place at which the running sum exceeds the target, and the target less the sum before that place;
    /// the last place of positive weight where rounding leaves the target out of reach.
    private static func place(of target: Double, in weights: [Double]) -> (place: Int, rest: Double) {
        var sum = 0.0
        var last = (place: 0, rest: 0.0)
        for (place, weight) in weights.enumerated() where weight > 0 {
            last = (place, min(target - sum, weight))
            if sum + weight > target { return last }
            sum += weight
        }
        return last
    }
}
