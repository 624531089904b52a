internal import StoaCore

/// States of recent searches, so that the next reward costs one step and not all before it again.
///
/// A search is a pure function of its request and its rewards; what is remembered changes how long it takes, nothing else.
///
/// Isolation: may be used from anywhere.
final class SeekMemo: Sendable {
    private struct Key: Hashable {
        var request: ModelRequest
        var seeking: LatentSeeking
    }

    private struct Entry {
        var key: Key
        var state: SeekState
    }

    private let limit: Int
    /// Least recently used first.
    private let entries = Guarded<[Entry]>([])

    /// Creates an empty memo.
    ///
    /// - Parameter limit: the most states it holds; 0 for none.
    init(limit: Int) { self.limit = limit }

    /// The state after the longest known beginning of the rewards.
    ///
    /// - Returns: the state, and how many rewards it has taken in; nil where not even the greedy answer is known.
    func state(of request: ModelRequest, _ seeking: LatentSeeking) -> (state: SeekState, rewards: Int)? {
        entries.withLock { entries in
            for count in (0...seeking.rewards.count).reversed() {
                let key = Self.key(request, seeking, count)
                guard let index = entries.lastIndex(where: { $0.key == key }) else { continue }
                let entry = entries.remove(at: index)
                entries.append(entry)
                return (entry.state, count)
            }
            return nil
        }
    }

    /// Remembers the state after the first `count` rewards.
    func keep(_ state: SeekState, of request: ModelRequest, _ seeking: LatentSeeking, rewards count: Int) {
        let limit = limit
        entries.withLock { entries in
            let key = Self.key(request, seeking, count)
            entries.removeAll { $0.key == key }
            entries.append(Entry(key: key, state: state))
            if entries.count > limit { entries.removeFirst(entries.count - limit) }
        }
    }

    private static func key(_ request: ModelRequest, _ seeking: LatentSeeking, _ count: Int) -> Key {
        var seeking = seeking
        seeking.rewards = Array(seeking.rewards.prefix(count))
        return Key(request: request, seeking: seeking)
    }
}
