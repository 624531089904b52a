public import StoaCore

/// A journal that lives and dies with the process: for tests, measurements, and runs that nobody needs to keep.
///
/// Digests are computed when somebody looks at them, so that an append costs next to nothing. What is read is what a
/// journal on disk would give: the canonical form of what was written.
public final class InMemoryJournal: Journal {
    private struct State {
        var runs: [InMemoryRun] = []
        var places: [RunID: Int] = [:]
        var blobs: [SHA256Digest: [UInt8]] = [:]

        func place(_ run: RunID) throws -> Int {
            guard let place = places[run] else { throw JournalError.unknownRun(run.rawValue) }
            return place
        }
    }

    /// So many digests are computed under the lock at a time.
    private static let stretch = 256

    private let state = Guarded(State())

    /// Creates an empty journal.
    public init() {}

    /// Adds a run that has no events of its own yet.
    public func create(_ run: RunRecord) async throws {
        // The fork's chain goes on from the parent's digest, which may have to be computed first.
        let base = try run.parent.map { try recorded($0.sequence, in: $0.run).digest } ?? .zero
        try state.withLock { state in
            guard state.places[run.id] == nil else { throw JournalError.duplicate(run.id) }
            state.places[run.id] = state.runs.count
            state.runs.append(InMemoryRun(record: run, base: base))
        }
    }

    /// Takes the lease of a run, for the process that goes on with it.
    public func claim(_ run: RunID, owner: ProcessIdentity) async throws {
        try state.withLock { state in
            let place = try state.place(run)
            if let present = state.runs[place].record.owner, present != owner, present.isAlive {
                throw JournalError.owned(run, by: present.process)
            }
            state.runs[place].record.owner = owner
        }
    }

    /// Sets a run's status and answer, and gives up the lease unless the status is `running`.
    public func update(_ run: RunID, status: RunStatus, answer: String?) async throws {
        try state.withLock { state in
            let place = try state.place(run)
            state.runs[place].record.status = status
            if let answer { state.runs[place].record.answer = answer }
            if status != .running { state.runs[place].record.owner = nil }
        }
    }

    /// Adds events behind those of a run: all of them or none.
    @discardableResult
    public func append(_ events: [Event], observation: Observation, to run: RunID) async throws -> Int {
        precondition(!events.isEmpty, "an append adds at least one event")
        return try state.withLock { state in
            let place = try state.place(run)
            if let parent = state.runs[place].record.parent {
                for event in events where Self.find(event.key, in: parent.run, through: parent.sequence, state) != nil {
                    throw JournalError.duplicate(event.key.description, in: run)
                }
            }
            let first = state.runs[place].last + 1
            if let taken = state.runs[place].append(events, observation) {
                throw JournalError.duplicate(taken.description, in: run)
            }
            for event in events {
                for blob in event.blobs { state.blobs[blob.digest] = blob.bytes }
            }
            return first
        }
    }

    /// A run's record.
    public func run(_ id: RunID) async throws -> RunRecord {
        try state.withLock { state in state.runs[try state.place(id)].record }
    }

    /// All runs, the newest first; of those that began at the same time, the last one added.
    public func runs() async throws -> [RunRecord] {
        let records = state.withLock { state in state.runs.map(\.record) }
        return records.enumerated()
            .sorted { ($0.element.started, $0.offset) > ($1.element.started, $1.offset) }
            .map(\.element)
    }

    /// The event with a key, inherited ones included; nil where there is none.
    public func event(_ key: EventKey, in run: RunID) async throws -> RecordedEvent? {
        let found = try state.withLock { state in
            _ = try state.place(run)
            return Self.find(key, in: run, through: .max, state)
        }
        guard let found else { return nil }
        return try recorded(found, in: run)
    }

    /// Events in order, inherited ones included.
    public func events(in run: RunID, after sequence: Int, limit: Int) async throws -> [RecordedEvent] {
        let last = try await lastSequence(in: run)
        let count = min(limit, last - sequence)
        guard count > 0 else { return [] }
        return try (sequence + 1...sequence + count).map { try recorded($0, in: run) }
    }

    /// The number of a run's last event, inherited ones included; 0 where there is none.
    public func lastSequence(in run: RunID) async throws -> Int {
        try state.withLock { state in state.runs[try state.place(run)].last }
    }

    /// The content with a digest.
    public func blob(_ digest: SHA256Digest) async throws -> [UInt8] {
        guard let bytes = state.withLock({ $0.blobs[digest] }) else { throw JournalError.missingBlob(digest) }
        return bytes
    }

    /// The number of the event with a key, looked for in a run and in those that it was branched from.
    private static func find(_ key: EventKey, in run: RunID, through end: Int, _ state: State) -> Int? {
        var (next, limit): (RunID?, Int) = (run, end)
        while let id = next, let place = state.places[id] {
            if let sequence = state.runs[place].sequence(of: key), sequence <= limit { return sequence }
            limit = min(limit, state.runs[place].start)
            next = state.runs[place].record.parent?.run
        }
        return nil
    }

    /// The event with a number, from the run that wrote it, with its digest.
    private func recorded(_ sequence: Int, in run: RunID) throws -> RecordedEvent {
        while true {
            let found: RecordedEvent? = try state.withLock { state in
                var place = try state.place(run)
                let last = state.runs[place].last
                guard (1...max(1, last)).contains(sequence), last > 0 else {
                    throw JournalError.unknownEvent(sequence, in: run, last: last)
                }
                while sequence <= state.runs[place].start, let parent = state.runs[place].record.parent {
                    place = try state.place(parent.run)
                }
                state.runs[place].settle(through: sequence, atMost: Self.stretch)
                return state.runs[place].recorded(sequence)
            }
            if let found { return found }
        }
    }
}
