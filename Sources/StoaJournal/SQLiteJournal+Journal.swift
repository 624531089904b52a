internal import GRDB
public import StoaCore

// What every journal does; the protocol documents it.
extension SQLiteJournal {
    /// Adds a run that has no events of its own yet.
    public func create(_ run: RunRecord) async throws {
        try await write { db in
            guard try StoredRun.find(run.id, db) == nil else { throw JournalError.duplicate(run.id) }
            var stored = StoredRun(record: run, last: 0, head: .zero)
            if let fork = run.parent {
                let parent = try StoredRun.fetch(fork.run, db)
                guard let digest = try Lineage(of: fork.run, db).digest(at: fork.sequence, db) else {
                    throw JournalError.unknownEvent(fork.sequence, in: fork.run, last: parent.last)
                }
                stored.last = fork.sequence
                stored.head = digest
            }
            try stored.insert(db)
        }
    }

    /// Takes the lease of a run, for the process that goes on with it.
    public func claim(_ run: RunID, owner: ProcessIdentity) async throws {
        try await write { db in
            var stored = try StoredRun.fetch(run, db)
            if stored.isExcerpt { throw JournalError.excerpt(run, last: stored.last) }
            if let present = stored.record.owner, present != owner, present.isAlive {
                throw JournalError.owned(run, by: present.process)
            }
            stored.record.owner = owner
            try stored.updateOwner(db)
        }
    }

    /// Sets a run's status and answer, and gives up the lease unless the status is `running`.
    public func update(_ run: RunID, status: RunStatus, answer: String?) async throws {
        try await write { db in
            var stored = try StoredRun.fetch(run, db)
            stored.record.status = status
            stored.record.answer = answer ?? stored.record.answer
            try stored.updateStatus(db)
            guard status != .running else { return }
            stored.record.owner = nil
            try stored.updateOwner(db)
        }
    }

    /// Adds events behind those of a run: all of them or none.
    @discardableResult
    public func append(_ events: [Event], observation: Observation, to run: RunID) async throws -> Int {
        precondition(!events.isEmpty, "an append adds at least one event")
        let encoded = try EncodedEvent.encode(events, observation: observation, run: run)
        let blobs = events.flatMap(\.blobs)
        return try await write { db in
            var head = try RunHead(of: run, db)
            if head.isExcerpt { throw JournalError.excerpt(run, last: head.last) }
            let first = head.last + 1
            for blob in blobs { try StoredBlob.insert(blob, db) }
            for event in encoded { try head.append(event, db) }
            try head.save(db)
            return first
        }
    }

    /// A run's record.
    public func run(_ id: RunID) async throws -> RunRecord {
        try await read { try StoredRun.fetch(id, $0).record }
    }

    /// All runs, the newest first; of those that began at the same time, the last one added.
    public func runs() async throws -> [RunRecord] {
        try await read { try StoredRun.fetchAll($0).map(\.record) }
    }

    /// The event with a key, inherited ones included; nil where there is none.
    public func event(_ key: EventKey, in run: RunID) async throws -> RecordedEvent? {
        let text = key.description
        if let event = ahead.find(text, in: run) { return try event.decoded() }
        let events = try await read { [ahead] db in
            let lineage = try Lineage(of: run, db)
            guard let event = try lineage.event(text, db) else { return [] as [StoredEvent] }
            var (events, weight) = ([event], event.weight)
            if ahead.expectsMore(behind: event.sequence, in: run) {
                try lineage.forEach(after: event.sequence, limit: ReadAhead.window - 1, db) { next in
                    weight += next.weight
                    if weight < ReadAhead.bytes / 4 { events.append(next) }
                }
            }
            return events
        }
        // The one that was asked for is asked for once, as a rule.
        ahead.keep(events.dropFirst(), in: run)
        return try events.first?.decoded()
    }

    /// Events in order, inherited ones included.
    public func events(in run: RunID, after sequence: Int, limit: Int) async throws -> [RecordedEvent] {
        let stored = try await read { db in
            var stored: [StoredEvent] = []
            try Lineage(of: run, db).forEach(after: sequence, limit: limit, db) { stored.append($0) }
            return stored
        }
        // Parsing is the greater part of the work and need not hold up other readers.
        return try stored.map { try $0.decoded() }
    }

    /// The number of a run's last event, inherited ones included; 0 where there is none.
    public func lastSequence(in run: RunID) async throws -> Int {
        try await read { try StoredRun.fetch(run, $0).last }
    }

    /// The content with a digest.
    public func blob(_ digest: SHA256Digest) async throws -> [UInt8] {
        let bytes = try await read { try StoredBlob.bytes(digest, $0) }
        guard let bytes else { throw JournalError.missingBlob(digest) }
        let found = SHA256Digest(hashing: bytes)
        guard found == digest else { throw JournalError.damagedBlob(digest, found: found) }
        return bytes
    }
}
