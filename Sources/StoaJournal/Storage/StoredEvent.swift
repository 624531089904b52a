internal import GRDB
internal import StoaCore

/// A row of the table of events: texts as they were written, nothing parsed yet.
struct StoredEvent: Sendable {
    /// The run that wrote it.
    let run: RunID
    /// Its number.
    let sequence: Int
    /// Its name.
    let key: String
    /// The kind that the row claims.
    let kind: String
    /// Who caused it.
    let actor: String
    /// The payload's text.
    let payload: String
    /// The causes' text.
    let causes: String
    /// The flag that the row claims.
    let isObservation: Bool
    /// The observed part's text.
    let observed: String
    /// The digest before, as the row has it.
    let previous: SHA256Digest
    /// The digest, as the row has it.
    let digest: SHA256Digest

    /// The columns, in the order in which `init` reads them.
    static let columns = "run, seq, key, kind, actor, payload, causes, is_observation, observed, previous, digest"

    /// Takes a row of `columns`.
    ///
    /// - Throws: `JournalError.damaged` where a column does not hold what it should.
    init(_ row: Row) throws {
        run = RunID(try row.text(0))
        sequence = try row.integer(1)
        key = try row.text(2)
        kind = try row.text(3)
        actor = try row.text(4)
        payload = try row.text(5)
        causes = try row.text(6)
        isObservation = try row.integer(7) != 0
        observed = try row.text(8)
        previous = try row.digest(9)
        digest = try row.digest(10)
    }

    /// Gives events that one run wrote, in order, one at a time.
    ///
    /// - Parameters:
    ///   - run: the run that wrote them.
    ///   - after: the number behind which to start.
    ///   - through: the last number to give.
    ///   - limit: the most events to give.
    ///   - db: a connection.
    ///   - body: what to do with each.
    /// - Returns: how many there were.
    /// - Throws: what the body throws, `DatabaseError`.
    @discardableResult
    static func forEach(
        of run: RunID, after: Int, through: Int, limit: Int, _ db: Database, _ body: (StoredEvent) throws -> Void
    ) throws -> Int {
        // The statement is not from the cache: the body may run the same one.
        let rows = try Row.fetchCursor(
            db, sql: "SELECT \(columns) FROM event WHERE run = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            arguments: [run.rawValue, after, through, limit])
        var count = 0
        while let row = try rows.next() {
            count += 1
            try body(try StoredEvent(row))
        }
        return count
    }

    /// What its digest covers besides the digest before.
    var link: [UInt8] {
        EncodedEvent.link(actor: actor, causes: causes, key: key, payload: payload, observed: observed)
    }

    /// The event that the texts say.
    ///
    /// - Throws: `JournalError.damaged` where they say none.
    func decoded() throws -> RecordedEvent {
        do {
            let observed = try ObservedPart(observed)
            guard let key = EventKey(key) else { throw Malformation(part: "key") }
            let event = Event(
                key: key, actor: AgentID(actor), payload: try JSONParser.parse(payload), causes: try decodedCauses(),
                isObservation: observed.isObservation)
            return RecordedEvent(
                run: run, sequence: sequence, event: event, observation: observed.observation, blobs: observed.blobs,
                previous: previous, digest: digest)
        } catch let error as JSONError {
            throw JournalError.damaged("run \(run), event \(sequence)", error.message)
        } catch let error as Malformation {
            throw JournalError.damaged("run \(run), event \(sequence)", "its \(error.part) cannot be read")
        }
    }

    private func decodedCauses() throws -> [EventKey] {
        if causes == "[]" { return [] }
        guard let texts = try JSONParser.parse(causes).arrayValue else { throw Malformation(part: "causes") }
        return try texts.map { text in
            guard let cause = text.stringValue.flatMap(EventKey.init) else { throw Malformation(part: "causes") }
            return cause
        }
    }

    /// Whether what the columns say beside the chain agrees with what the digest covers.
    ///
    /// The columns `kind` and `is_observation` exist for queries. The causes must be a list in themselves: otherwise the
    /// border between them and the payload could be moved without changing the digest.
    ///
    /// - Returns: the digests of the contents that came along; nil where something does not agree.
    func consistentBlobs() -> [SHA256Digest]? {
        guard let observed = try? ObservedPart(observed), observed.isObservation == isObservation,
            EventKey(key)?.kind.rawValue == kind, (try? decodedCauses()) != nil
        else { return nil }
        return observed.blobs
    }

    struct Malformation: Error {
        let part: String
    }
}
