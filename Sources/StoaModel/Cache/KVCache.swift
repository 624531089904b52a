public import StoaCore

/// What a model remembers of a sequence: keys and values of every layer, as a value.
///
/// Copying a cache is a fork: rows are shared, never copied, because a written row does not change. Every row has an
/// explicit position; keys are kept before rotation, so moving rows to other positions changes their positions only and
/// is exact (a rotation by D after the fact equals the rotation at p + D).
///
/// A cache belongs to the model, adapter and precision that made it: using it with another is an error that names both.
public struct KVCache: Sendable {
    /// What produced a run of rows.
    public enum Origin: String, Sendable, Hashable, Codable {
        /// Tokens that were given.
        case prompt
        /// Tokens that the model chose.
        case text
        /// Vectors that were fed in place of token embeddings.
        case latent
    }

    /// A run of rows with one origin.
    public struct Segment: Sendable, Hashable {
        /// Who wrote it; empty where nobody was named.
        public var author: String
        /// What produced it.
        public var origin: Origin
        /// Its rows.
        public var rows: Range<Int>
    }

    /// A run of consecutive slots in one page.
    struct Span: Sendable {
        var page: KVPage
        var slot: Int
        var count: Int
    }

    /// The model that made the rows.
    public let fingerprint: ModelFingerprint
    let layout: KVLayout
    private(set) var spans: [Span] = []
    /// The position of each row.
    public private(set) var positions: [Int32] = []
    /// The token fed at each row; nil for a latent row.
    public private(set) var tokens: [TokenID?] = []
    /// Runs of rows by origin, in order, covering all rows.
    public private(set) var segments: [Segment] = []
    /// Whether every row is what one causal pass over the tokens up to it, from position 0 on, gives.
    ///
    /// Only such rows may stand in for computing those tokens again. Moved, merged and selected rows, rows behind vectors or under a mask,
    /// and rows from outside are not.
    private(set) var isCausal = true
    /// The position that the next row gets.
    public private(set) var nextPosition: Int32 = 0
    /// One past the highest position of a row.
    private(set) var positionEnd: Int32 = 0

    /// Creates an empty cache.
    init(fingerprint: ModelFingerprint, layout: KVLayout) {
        self.fingerprint = fingerprint
        self.layout = layout
    }

    /// Rows.
    public var count: Int { positions.count }
    /// Whether there are no rows.
    public var isEmpty: Bool { positions.isEmpty }
    /// Bytes of keys and values that the rows stand for, shared or not.
    public var byteCount: Int { count * layout.bytesPerRow }
    /// Whether the rows, and the one that comes next, are what any sequence of these tokens has.
    var isPlainText: Bool { isCausal && nextPosition == Int32(count) }
}

// MARK: - Growing

extension KVCache {
    /// Where new rows are to be written.
    struct WriteSlot {
        var address: UnsafeMutableRawPointer
        var slot: Int
    }

    /// Pages that `count` more rows would take from a pool.
    ///
    /// - Parameters:
    ///   - count: rows to add.
    ///   - pool: where pages come from.
    ///   - claimed: pages whose free slots are promised to others; this cache's is added where it will write there.
    /// - Returns: the number of pages.
    func pagesNeeded(for count: Int, from pool: KVPagePool, claimed: inout Set<ObjectIdentifier>) -> Int {
        var room = tailRoom(in: pool)
        if room > 0, let tail = spans.last, !claimed.insert(ObjectIdentifier(tail.page)).inserted { room = 0 }
        return (max(0, count - room) + KVLayout.pageRows - 1) / KVLayout.pageRows
    }

    /// Slots behind the last row that may still be written: none where another fork has written there already, and none
    /// in the page of another engine, whose thread may be writing there now.
    private func tailRoom(in pool: KVPagePool) -> Int {
        guard let tail = spans.last, tail.page.pool === pool, tail.page.filled == tail.slot + tail.count else {
            return 0
        }
        return KVLayout.pageRows - tail.page.filled
    }

    /// Adds rows, to be filled by the forward pass.
    ///
    /// - Parameters:
    ///   - inputs: the token of each new row; nil for a vector.
    ///   - explicit: the position of each new row; nil for the next ones.
    ///   - origin: what produced them (rows without a token are always `latent`).
    ///   - author: who wrote them.
    ///   - pool: where pages come from.
    ///   - isCausal: whether each row sees all rows before it.
    /// - Returns: where each row goes; nil, with nothing changed, where the pool is exhausted.
    mutating func grow(
        tokens inputs: [TokenID?], positions explicit: ArraySlice<Int32>? = nil, origin: Origin, author: String,
        pool: KVPagePool, isCausal: Bool = true
    ) -> [WriteSlot]? {
        var fresh: [KVPage] = []
        var claimed: Set<ObjectIdentifier> = []
        for _ in 0..<pagesNeeded(for: inputs.count, from: pool, claimed: &claimed) {
            guard let page = pool.makePage() else { return nil }
            fresh.append(page)
        }
        var slots: [WriteSlot] = []
        slots.reserveCapacity(inputs.count)
        if let tail = spans.last, tailRoom(in: pool) > 0 {
            let end = tail.slot + tail.count
            let claimed = tail.page.claim(after: end, count: inputs.count)
            for slot in end..<end + claimed { slots.append(WriteSlot(address: tail.page.address, slot: slot)) }
            spans[spans.count - 1].count += claimed
        }
        for page in fresh {
            let claimed = page.claim(after: 0, count: inputs.count - slots.count)
            for slot in 0..<claimed { slots.append(WriteSlot(address: page.address, slot: slot)) }
            spans.append(Span(page: page, slot: 0, count: claimed))
        }
        for (index, token) in inputs.enumerated() {
            let position = explicit.map { $0[$0.startIndex + index] } ?? nextPosition
            note(origin: token == nil ? .latent : origin, author: author)
            if !isCausal || token == nil || position != Int32(positions.count) { self.isCausal = false }
            positions.append(position)
            tokens.append(token)
            positionEnd = max(positionEnd, position + 1)
            nextPosition = max(nextPosition, position + 1)
        }
        return slots
    }

    /// Takes back the rows that were added last, before anybody else has seen them: their slots may be written again.
    ///
    /// - Parameter count: how many rows, added by `grow` in one call at the positions that followed.
    mutating func retract(_ count: Int) {
        var left = count
        while left > 0, let span = spans.last {
            let taken = min(left, span.count)
            span.page.unclaim(taken, before: span.slot + span.count)
            spans[spans.count - 1].count -= taken
            if taken == span.count { spans.removeLast() }
            left -= taken
        }
        positions.removeLast(count)
        tokens.removeLast(count)
        nextPosition -= Int32(count)
        positionEnd = (positions.max() ?? -1) + 1
        while let last = segments.last, last.rows.upperBound > self.count {
            segments[segments.count - 1].rows = min(last.rows.lowerBound, self.count)..<self.count
            if segments[segments.count - 1].rows.isEmpty { segments.removeLast() }
        }
    }

    private mutating func note(origin: Origin, author: String) {
        if let last = segments.last, last.origin == origin, last.author == author {
            segments[segments.count - 1].rows = last.rows.lowerBound..<last.rows.upperBound + 1
        } else {
            segments.append(Segment(author: author, origin: origin, rows: count..<count + 1))
        }
    }

    /// Appends rows of this very model from another cache, without copying them.
    ///
    /// The result counts as causal where a causal cache's first rows go into an empty one, or where the caller vouches for
    /// the rows being what follows the ones that are here.
    ///
    /// - Parameters:
    ///   - other: where the rows are.
    ///   - rows: which of them.
    ///   - newPositions: the position each of them gets.
    ///   - label: what they are called here; nil keeps what they were called there.
    ///   - isContinuation: whether the rows were computed in a causal pass behind the very rows that are here.
    mutating func adopt(
        _ other: KVCache, rows: Range<Int>, positions newPositions: [Int32],
        label: (origin: Origin, author: String)? = nil, isContinuation: Bool = false
    ) {
        let isBeginning = isEmpty && rows.lowerBound == 0 && other.isCausal
        if !rows.isEmpty, !isContinuation, !isBeginning { isCausal = false }
        var start = 0
        for span in other.spans {
            let overlap = rows.clamped(to: start..<start + span.count)
            if !overlap.isEmpty {
                let piece = Span(
                    page: span.page, slot: span.slot + overlap.lowerBound - start, count: overlap.count)
                if let last = spans.last, last.page === piece.page, last.slot + last.count == piece.slot {
                    spans[spans.count - 1].count += piece.count
                } else {
                    spans.append(piece)
                }
            }
            start += span.count
        }
        for (row, position) in zip(rows, newPositions) {
            let segment = other.segment(of: row)
            note(origin: label?.origin ?? segment.origin, author: label?.author ?? segment.author)
            if position != Int32(positions.count) { isCausal = false }
            positions.append(position)
            positionEnd = max(positionEnd, position + 1)
            tokens.append(other.tokens[row])
        }
    }

    private func segment(of row: Int) -> Segment {
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].rows.upperBound <= row { low = middle + 1 } else { high = middle }
        }
        return segments[low]
    }

    mutating func setNextPosition(_ position: Int32) { nextPosition = position }

    /// Marks rows whose origin this engine cannot vouch for.
    mutating func markForeign() { if !isEmpty { isCausal = false } }
}
