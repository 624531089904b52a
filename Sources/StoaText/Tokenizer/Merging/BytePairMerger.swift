/// What two neighbouring symbols become, and how urgently.
struct Merge {
    /// Lower goes first; equal priorities go by id, then from left to right.
    var priority: UInt64
    /// The token that the two become.
    var id: Int32

    static let none = Merge(priority: .max, id: .max)

    @inline(__always)
    static func < (left: Merge, right: Merge) -> Bool {
        (left.priority, left.id) < (right.priority, right.id)
    }
}

/// Which pairs of symbols merge.
protocol MergeRule {
    /// The merge of two neighbours, or nil where they stay apart.
    func merge(_ left: Int32, _ right: Int32) -> Merge?
}

/// Byte-pair encoding: merges the most urgent pair until none is left.
///
/// A short word is scanned again after each merge, which needs no other structure; a long one keeps a heap, so that
/// a text of one letter costs n log n. Both take the same merges in the same order.
struct BytePairMerger<Rule: MergeRule> {
    /// Up to here scanning is faster than a heap.
    private static var shortWord: Int { 24 }

    private let rule: Rule
    private var merges: [Merge] = []

    init(rule: Rule) { self.rule = rule }

    /// Merges the symbols from index `start` on, in place.
    mutating func merge(_ symbols: inout [Int32], from start: Int) {
        let count = symbols.count - start
        guard count > 1 else { return }
        if count <= Self.shortWord { mergeShort(&symbols, start) } else { mergeLong(&symbols, start) }
    }

    private mutating func mergeShort(_ symbols: inout [Int32], _ start: Int) {
        merges.removeAll(keepingCapacity: true)
        for index in start..<symbols.count - 1 {
            merges.append(rule.merge(symbols[index], symbols[index + 1]) ?? .none)
        }
        while true {
            var best = Merge.none
            var place = -1
            for index in merges.indices where merges[index] < best {
                best = merges[index]
                place = index
            }
            guard place >= 0 else { return }
            symbols[start + place] = best.id
            symbols.remove(at: start + place + 1)
            merges.remove(at: place)
            if place > 0 {
                merges[place - 1] = rule.merge(symbols[start + place - 1], best.id) ?? .none
            }
            if place < merges.count {
                merges[place] = rule.merge(best.id, symbols[start + place + 1]) ?? .none
            }
        }
    }

    /// A merge that was possible when it was pushed.
    private struct Candidate {
        var merge: Merge
        var place: Int32
        var left: Int32
        var right: Int32

        @inline(__always)
        static func < (left: Candidate, right: Candidate) -> Bool {
            if left.merge.priority != right.merge.priority { return left.merge.priority < right.merge.priority }
            return (left.merge.id, left.place) < (right.merge.id, right.place)
        }
    }

    private func mergeLong(_ symbols: inout [Int32], _ start: Int) {
        let count = symbols.count - start
        var ids = Array(symbols[start...])
        // Neighbours as places; a symbol that was swallowed has the id -1.
        var next = (0..<Int32(count)).map { $0 + 1 }
        var previous = (0..<Int32(count)).map { $0 - 1 }
        var heap: [Candidate] = []
        heap.reserveCapacity(count)
        for place in 0..<count - 1 {
            if let merge = rule.merge(ids[place], ids[place + 1]) {
                heap.append(Candidate(merge: merge, place: Int32(place), left: ids[place], right: ids[place + 1]))
            }
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { Self.sink(&heap, from: index) }

        while let candidate = heap.first {
            let last = heap.removeLast()
            if !heap.isEmpty {
                heap[0] = last
                Self.sink(&heap, from: 0)
            }
            let place = Int(candidate.place)
            let right = Int(next[place])
            guard ids[place] == candidate.left, right < count, ids[right] == candidate.right else { continue }
            ids[place] = candidate.merge.id
            ids[right] = -1
            let after = Int(next[right])
            next[place] = Int32(after)
            if after < count {
                previous[after] = Int32(place)
                push(&heap, place, candidate.merge.id, ids[after])
            }
            let before = Int(previous[place])
            if before >= 0 { push(&heap, before, ids[before], candidate.merge.id) }
        }
        symbols.removeSubrange(start...)
        for id in ids where id >= 0 { symbols.append(id) }
    }

    @inline(__always)
    private func push(_ heap: inout [Candidate], _ place: Int, _ left: Int32, _ right: Int32) {
        guard let merge = rule.merge(left, right) else { return }
        heap.append(Candidate(merge: merge, place: Int32(place), left: left, right: right))
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index] < heap[parent] else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private static func sink(_ heap: inout [Candidate], from root: Int) {
        var index = root
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < heap[index] else { return }
            heap.swapAt(index, child)
            index = child
        }
    }
}
