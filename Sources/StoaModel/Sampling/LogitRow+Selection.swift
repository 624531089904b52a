private import StoaCore

extension LogitRow {
    /// Takes tokens whose logit is below a threshold out of the running; the largest logit is not.
    func restrict(atLeast threshold: Float) {
        let values = values
        if isTruncated {
            candidates.removeAll { values[Int($0)] < threshold }
            return
        }
        candidates.removeAll(keepingCapacity: true)
        for index in 0..<values.count where values[index] >= threshold { candidates.append(Int32(index)) }
        isTruncated = true
    }

    /// Leaves only the listed tokens, in ascending order of id, in the running.
    func restrict(to ids: [Int32]) {
        if isTruncated {
            let previous = Set(candidates)
            candidates = ids.filter(previous.contains)
        } else {
            candidates.removeAll(keepingCapacity: true)
            candidates.append(contentsOf: ids)
        }
        isTruncated = true
        knownMaximum = nil
    }

    /// Leaves the `count` highest ranked tokens in the running: by logit, the lower id first among equals.
    ///
    /// Tokens of a whole vocabulary are collected as long as they are above the lowest of the best so far, which few
    /// are; a full collection is cut back to the best.
    func keepHighest(_ count: Int) {
        guard count < candidateCount else { return }
        if isTruncated {
            selector.keepHighest(of: &candidates, values: values, weights: nil, reaching: Double(count))
            return
        }
        let values = values
        let room = max(4 * count, 1024)
        var threshold = -Float.infinity
        candidates.removeAll(keepingCapacity: true)
        for index in 0..<values.count where values[index] > threshold {
            candidates.append(Int32(index))
            guard candidates.count == room else { continue }
            selector.keepHighest(of: &candidates, values: values, weights: nil, reaching: Double(count))
            threshold = candidates.reduce(.infinity) { min($0, values[Int($1)]) }
        }
        selector.keepHighest(of: &candidates, values: values, weights: nil, reaching: Double(count))
        isTruncated = true
    }

    /// Leaves the fewest highest ranked candidates whose weights reach a target in the running, at least one.
    ///
    /// The weights are those of `weighCandidates(around:)`, which are used up.
    func keepHighest(reaching target: Double) {
        selector.keepHighest(of: &candidates, values: values, weights: weights, reaching: target)
        weights.removeAll(keepingCapacity: true)
    }

    /// Weighs every candidate by exp(logit - largest).
    func weighCandidates(around largest: Double) {
        let values = values
        weights.removeAll(keepingCapacity: true)
        for id in candidates { weights.append(PortableMath.exp(Double(values[Int(id)]) - largest)) }
    }
}
