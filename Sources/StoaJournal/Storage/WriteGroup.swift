internal import GRDB
internal import StoaCore

/// A write that waits for its turn.
struct PendingWrite: Sendable {
    /// Makes the changes, inside a transaction.
    ///
    /// It runs a second time where the first transaction was given up. What it returns tells the caller of success, once
    /// the changes are durable.
    let perform: @Sendable (Database) throws -> @Sendable () -> Void
    /// Tells the caller of failure.
    let fail: @Sendable (any Error) -> Void
}

/// Writes that share commits: those that arrive while a transaction is being committed go into the next one together.
///
/// A commit waits for the disk, which takes as long for one event as for a thousand. Nobody waits to fill a group, so a
/// lone write is as fast as it can be. Isolation: the writes run on the connection's queue, never on a caller's thread,
/// so that cancelling a caller cannot reach them.
final class WriteGroup: Sendable {
    /// So many that the cost of a commit is spread, so few that nobody waits long behind a transaction.
    static let largestGroup = 1024

    private struct State {
        var waiting: [PendingWrite] = []
        var isScheduled = false
    }

    private let connection: DatabaseQueue
    private let state = Guarded(State())

    /// Creates the group of a connection.
    init(_ connection: DatabaseQueue) { self.connection = connection }

    /// Takes a write; one of its closures is called in any case.
    func add(_ write: PendingWrite) {
        let mustSchedule = state.withLock { state in
            state.waiting.append(write)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { schedule() }
    }

    private func schedule() {
        connection.asyncWriteWithoutTransaction { [self] db in
            let group = state.withLock { state in
                let group = Array(state.waiting.prefix(Self.largestGroup))
                state.waiting.removeFirst(group.count)
                return group
            }
            Self.commit(group, db)
            let more = state.withLock { state in
                state.isScheduled = !state.waiting.isEmpty
                return state.isScheduled
            }
            if more { schedule() }
        }
    }

    private static func commit(_ group: [PendingWrite], _ db: Database) {
        do {
            var done: [@Sendable () -> Void] = []
            done.reserveCapacity(group.count)
            try db.inTransaction(.immediate) {
                for write in group { done.append(try write.perform(db)) }
                return .commit
            }
            for tell in done { tell() }
        } catch {
            // One write that cannot be made must not take the others with it: each gets a transaction of its own. Where
            // the journal is locked that would only mean to wait as often as there are writes.
            let isLocked = (error as? DatabaseError)?.resultCode == .SQLITE_BUSY
            if group.count == 1 || isLocked { return group.forEach { $0.fail(error) } }
            for write in group { commit([write], db) }
        }
    }
}
