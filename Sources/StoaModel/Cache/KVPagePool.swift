internal import StoaCore

/// The memory that all caches of a model share, bounded: a budget that pools of any layout draw on.
package final class KVMemory: Sendable {
    /// The most bytes that pages may take at a time.
    package let limit: Int
    private let taken = Guarded(0)

    /// Creates an unused budget.
    ///
    /// - Parameter limit: the most bytes that pages may take at a time.
    package init(limit: Int) { self.limit = limit }

    /// Bytes that pages take.
    package var used: Int { taken.withLock { $0 } }
    /// Bytes that may still be taken.
    package var available: Int { limit - used }

    /// Takes bytes, or nothing where the limit would be passed.
    fileprivate func take(_ bytes: Int) -> Bool {
        taken.withLock { taken in
            guard bytes <= limit - taken else { return false }
            taken += bytes
            return true
        }
    }

    fileprivate func giveBack(_ bytes: Int) { taken.withLock { $0 -= bytes } }
}

/// Where caches of one layout get their pages.
package final class KVPagePool: Sendable {
    /// What the pages hold.
    package let layout: KVLayout
    /// What they draw on.
    package let memory: KVMemory
    private let reserve = Guarded<[Slab]>([])

    /// Creates an empty pool.
    ///
    /// - Parameters:
    ///   - layout: what the pages hold.
    ///   - memory: what they draw on.
    package init(layout: KVLayout, memory: KVMemory) {
        self.layout = layout
        self.memory = memory
    }

    /// Pages that may still be taken.
    package var availablePages: Int { memory.available / layout.pageBytes }

    /// Takes a page, or nil where the limit is reached.
    package func makePage() -> KVPage? {
        guard memory.take(layout.pageBytes) else { return nil }
        let slab = reserve.withLock { $0.popLast() } ?? Slab(bytes: layout.pageBytes)
        return KVPage(slab: slab, pool: self)
    }

    fileprivate func release(_ slab: Slab) {
        // A small reserve keeps steady work from going to the system; the rest goes back to it.
        let isKept = reserve.withLock { reserve in
            guard reserve.count < 8 else { return false }
            reserve.append(slab)
            return true
        }
        if !isKept { slab.free() }
        memory.giveBack(layout.pageBytes)
    }

    deinit { reserve.withLock { reserve in reserve.forEach { $0.free() } } }
}

/// The memory of one page.
///
/// `@unchecked Sendable`: written only by the lane, and only in slots that no cache refers to yet.
private struct Slab: @unchecked Sendable {
    let address: UnsafeMutableRawPointer

    init(bytes: Int) {
        address = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    }

    func free() { address.deallocate() }
}

/// A page of cached rows.
///
/// Slots are written once, in order, and never change afterwards: that is what makes sharing
/// between forks, messages and the prefix cache safe without copying.
///
/// `@unchecked Sendable`: `filled` and unfilled slots are touched by the lane alone; filled slots are immutable.
package final class KVPage: @unchecked Sendable {
    private let slab: Slab
    /// Where it came from.
    ///
    /// Only this pool's lane may write into it.
    let pool: KVPagePool
    /// Slots already written or claimed.
    package private(set) var filled = 0

    fileprivate init(slab: Slab, pool: KVPagePool) {
        self.slab = slab
        self.pool = pool
    }

    deinit { pool.release(slab) }

    /// Takes back slots that were claimed last and that no cache refers to.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - end: one past the last of them; where others follow it, nothing is taken back.
    func unclaim(_ count: Int, before end: Int) {
        if filled == end { filled -= count }
    }

    /// The first byte of the page.
    package var address: UnsafeMutableRawPointer { slab.address }

    /// Claims up to `count` slots for a cache whose rows end at slot `end`.
    ///
    /// - Returns: slots claimed: 0 where the page is full or another cache has already written behind `end`.
    package func claim(after end: Int, count: Int) -> Int {
        guard filled == end else { return 0 }
        let claimed = min(count, KVLayout.pageRows - filled)
        filled += claimed
        return claimed
    }
}
