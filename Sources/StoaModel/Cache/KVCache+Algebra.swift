internal import StoaCore

/// Which positions the rows of a selection get.
public enum SelectionPositions: String, Sendable, Hashable, Codable {
    /// Rows move to 0, 1, 2, ... and the next row follows them.
    case compact
    /// Rows keep their positions, and the next row comes where it would have come.
    case keep
}

// The cache algebra (core-systems, section 1.5): exact, because keys are kept before rotation. Rows of upper layers keep
// what they saw when they were computed: moving or dropping rows changes where later queries find them, not their
// content.
extension KVCache {
    /// An independent continuation of this cache; rows are shared until either side adds its own.
    ///
    /// - Returns: the fork.
    public func fork() -> KVCache { self }

    /// This cache with another's rows behind it, moved to the positions that follow.
    ///
    /// - Parameter other: rows of the same model; its positions keep their distances.
    /// - Returns: the joined cache.
    /// - Throws: `ModelError` where the other cache was made by a different model, or a position would leave its range.
    public func appending(_ other: KVCache) throws -> KVCache {
        try requireSameModel(other)
        guard let first = other.positions.first else { return self }
        let moved = try other.positions(of: 0..<other.count, by: Int(nextPosition) - Int(first))
        var result = self
        result.adopt(other, rows: 0..<other.count, positions: moved.rows)
        result.setNextPosition(moved.next)
        return result
    }

    /// A base with the suffixes of several forks of it behind one another.
    ///
    /// The suffixes never saw each other, so the result equals no single causal pass. What it does equal is a pass with a
    /// block mask, in which every suffix sees the base and itself, as long as no suffix moves relative to what it saw:
    /// always where positions are kept (branches then share positions), and with `compact` where the base is empty. With
    /// `compact` and a base, upper layers of a moved suffix keep what they saw from its old distance to the base.
    ///
    /// - Parameters:
    ///   - base: what the branches share.
    ///   - branches: caches that begin with all rows of `base`.
    ///   - policy: whether suffixes move to contiguous positions or stay where they are.
    /// - Returns: the merged cache; the next row comes behind the highest position.
    /// - Throws: `ModelError` where models differ or a branch does not begin with the base.
    public static func merge(
        base: KVCache, branches: [KVCache], positions policy: SelectionPositions = .compact
    ) throws -> KVCache {
        var result = base
        for (index, branch) in branches.enumerated() {
            try base.requireSameModel(branch)
            guard branch.count >= base.count, branch.sharesRows(with: base) else {
                throw ModelError.cacheShape(
                    "branch \(index) does not begin with the \(base.count) rows of the base it is merged on")
            }
            guard branch.count > base.count else { continue }
            let shift = policy == .keep ? 0 : Int(result.nextPosition) - Int(branch.positions[base.count])
            let moved = try branch.positions(of: base.count..<branch.count, by: shift)
            let next = max(result.nextPosition, moved.next)
            result.adopt(
                branch, rows: base.count..<branch.count, positions: moved.rows,
                isContinuation: result.count == base.count && shift == 0 && branch.isCausal)
            result.setNextPosition(next)
        }
        return result
    }

    /// The given rows, in their order.
    ///
    /// - Parameters:
    ///   - rows: row numbers, strictly ascending.
    ///   - policy: whether rows move together or stay where they are.
    /// - Returns: a cache of these rows.
    /// - Throws: `ModelError` where a row is out of range or out of order.
    public func select(_ rows: [Int], positions policy: SelectionPositions = .compact) throws -> KVCache {
        for (index, row) in rows.enumerated() {
            guard row >= 0, row < count, index == 0 || rows[index - 1] < row else {
                throw ModelError.cacheShape(
                    "selection of row \(row): expected ascending rows in 0..<\(count)")
            }
        }
        var result = KVCache(fingerprint: fingerprint, layout: layout)
        for (index, row) in rows.enumerated() {
            result.adopt(
                self, rows: row..<row + 1, positions: [policy == .compact ? Int32(index) : positions[row]],
                isContinuation: row == index && isCausal)
        }
        result.setNextPosition(policy == .compact ? Int32(rows.count) : nextPosition)
        return result
    }

    /// The first rows.
    ///
    /// - Parameter rows: how many to keep.
    /// - Returns: a cache of the first `rows` rows; the next row follows the last of them.
    /// - Throws: `ModelError` where there are fewer rows.
    public func truncated(to rows: Int) throws -> KVCache {
        guard rows >= 0, rows <= count else {
            throw ModelError.cacheShape("truncation to \(rows) rows: the cache has \(count)")
        }
        guard rows < count else { return self }
        var result = KVCache(fingerprint: fingerprint, layout: layout)
        result.adopt(self, rows: 0..<rows, positions: Array(positions[..<rows]))
        result.setNextPosition(rows == 0 ? 0 : positions[rows - 1] + 1)
        return result
    }

    /// The same rows, moved so that the first one is at `position`; an empty cache will begin there.
    ///
    /// - Parameter position: the new position of the first row; at least 0.
    /// - Returns: the moved cache; nothing is copied or recomputed.
    /// - Throws: `ModelError` where the position is negative, or that of another row would leave its range.
    public func moved(to position: Int32) throws -> KVCache {
        guard position >= 0 else { throw ModelError.cacheShape("cannot move a cache to position \(position)") }
        let moved = try positions(of: 0..<count, by: Int(position) - Int(positions.first ?? nextPosition))
        var result = KVCache(fingerprint: fingerprint, layout: layout)
        result.adopt(self, rows: 0..<count, positions: moved.rows)
        result.setNextPosition(moved.next)
        return result
    }

    /// Positions of rows, and of the one after the last of all, moved by a distance.
    private func positions(of rows: Range<Int>, by shift: Int) throws -> (rows: [Int32], next: Int32) {
        let range = 0..<Int(Int32.max)
        func move(_ position: Int32) throws -> Int32 {
            let moved = Int(position) + shift
            guard range ~= moved else {
                throw ModelError.cacheShape("a row at position \(position) cannot move to \(moved): expected \(range)")
            }
            return Int32(moved)
        }
        return (try positions[rows].map(move), try move(nextPosition))
    }

    func requireSameModel(_ other: KVCache) throws {
        guard fingerprint == other.fingerprint else {
            throw ModelError.fingerprintMismatch(expected: fingerprint, found: other.fingerprint)
        }
    }

    func sharesRows(with base: KVCache) -> Bool {
        guard positions.prefix(base.count).elementsEqual(base.positions) else { return false }
        var remaining = base.count
        for (own, other) in zip(spans, base.spans) {
            let count = min(remaining, other.count)
            guard own.page === other.page, own.slot == other.slot, own.count >= count else { return false }
            remaining -= count
        }
        return remaining == 0
    }
}
