package import StoaCore

extension LatentPruning {
    /// How many of some rows are kept: `max(int(rows * fraction), least)`, but no more than there are.
    ///
    /// Source: kNN-latentMAS, as section 1.6 of the specification gives it.
    package func kept(of rows: Int) -> Int { min(rows, max(Int(Double(rows) * fraction), least)) }

    /// Which of some rows are kept: the latest `least`, and as many of the others as are still wanted.
    ///
    /// Equal scores keep the earlier row; a score that is no number counts as the lowest.
    ///
    /// - Parameters:
    ///   - scores: one per row, in the order of the rows; not looked at where chance decides.
    ///   - count: how many rows there are.
    ///   - stream: where chance comes from.
    /// - Returns: indices into the rows, ascending.
    package func pick(_ scores: [Double], of count: Int, stream: RandomStream) -> [Int] {
        let wanted = kept(of: count)
        guard wanted < count else { return Array(0..<count) }
        let latest = count - least..<count
        var candidates = Array(0..<latest.lowerBound)
        let free = wanted - least
        switch strategy {
        case .top, .bottom:
            let values = scores.map { $0.isNaN ? -Double.infinity : $0 }
            candidates.sort { first, second in
                guard values[first] != values[second] else { return first < second }
                return (values[first] > values[second]) == (strategy == .top)
            }
        case .random:
            for index in 0..<free {
                let other = index + stream.integer(at: UInt64(index), below: candidates.count - index)
                candidates.swapAt(index, other)
            }
        }
        return candidates[..<free].sorted() + latest
    }
}
