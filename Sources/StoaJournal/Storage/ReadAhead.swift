internal import StoaCore

/// Events that were read along with one that was asked for, because the next question will be for them.
///
/// A replay asks for one event after another by key, almost in order, and the way to the reading connection and back
/// takes longer than the reading. An event never changes, so what is kept here is never out of date.
final class ReadAhead: Sendable {
    /// So many events are read at once where somebody goes through a run.
    static let window = 64
    /// So many bytes of text are kept at most, twice: what is in use and what was before.
    static let bytes = 4 << 20

    private struct Place: Hashable {
        let run: RunID
        let key: String
    }

    private struct State {
        var present: [Place: StoredEvent] = [:]
        var former: [Place: StoredEvent] = [:]
        var presentBytes = 0
        /// The last event that was asked for, by run.
        var last: [RunID: Int] = [:]
    }

    private let state = Guarded(State())

    /// The event with a key, where it was read before.
    ///
    /// - Parameters:
    ///   - key: the key's text.
    ///   - run: the run that is asked about, which may have inherited the event.
    /// - Returns: the event; nil tells nothing.
    func find(_ key: String, in run: RunID) -> StoredEvent? {
        state.withLock { state in
            let place = Place(run: run, key: key)
            guard let event = state.present[place] ?? state.former[place] else { return nil }
            state.last[run] = event.sequence
            return event
        }
    }

    /// Whether somebody goes through a run, so that the events behind one will be asked for.
    ///
    /// - Parameters:
    ///   - sequence: the number of the event that is asked for now.
    ///   - run: the run.
    /// - Returns: whether it is not far behind the one before.
    func expectsMore(behind sequence: Int, in run: RunID) -> Bool {
        state.withLock { state in
            defer { state.last[run] = sequence }
            let last = state.last[run] ?? 0
            return sequence > last && sequence <= last + Self.window
        }
    }

    /// Keeps events.
    ///
    /// - Parameters:
    ///   - events: what was read.
    ///   - run: the run that was asked about.
    func keep(_ events: some Collection<StoredEvent>, in run: RunID) {
        state.withLock { state in
            for event in events {
                if state.presentBytes > Self.bytes {
                    state.former = state.present
                    state.present = [:]
                    state.presentBytes = 0
                    state.last = state.last.filter { $0.key == run }
                }
                state.present[Place(run: run, key: event.key)] = event
                state.presentBytes += event.weight
            }
        }
    }
}

extension StoredEvent {
    /// About how many bytes it takes in memory.
    var weight: Int { payload.utf8.count + observed.utf8.count + causes.utf8.count + 512 }
}
