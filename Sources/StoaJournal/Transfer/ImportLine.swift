internal import StoaCore

/// A line of an export, read.
enum ImportLine {
    /// The first line.
    case header(runs: Int)
    /// A run's record.
    case run(StoredRun)
    /// Content whose digest was checked.
    case blob(Blob)
    /// An event.
    case event(ImportedEvent)

    /// An event of an export.
    struct ImportedEvent {
        /// The run that wrote it.
        let run: RunID
        /// Its number.
        let sequence: Int
        /// What happened.
        let event: Event
        /// The observed part.
        let observed: ObservedPart
        /// The digest before, as the line has it.
        let previous: SHA256Digest
        /// The digest, as the line has it.
        let digest: SHA256Digest
    }

    /// Why a line cannot be accepted.
    struct Malformation: Error {
        /// What is wrong with it.
        let reason: String
    }

    /// Reads a line.
    ///
    /// - Parameter text: the line without its end.
    /// - Throws: `Malformation`.
    init(_ text: String) throws(Malformation) {
        let document: JSONValue
        do { document = try JSONParser.parse(text) } catch {
            throw Malformation(reason: "\(error.reason) at column \(error.column)")
        }
        if document["format"]?.stringValue == ExportLine.format {
            let version = try Self.integer(document, "version")
            guard version == ExportLine.version else {
                throw Malformation(
                    reason: "the export has version \(version), this program knows \(ExportLine.version)")
            }
            self = .header(runs: try Self.integer(document, "runs"))
        } else if let run = document["run"] {
            self = .run(try Self.run(run))
        } else if let blob = document["blob"] {
            self = .blob(try Self.blob(blob))
        } else if let event = document["event"] {
            self = .event(try Self.event(event))
        } else {
            throw Malformation(reason: "neither a run, nor content, nor an event")
        }
    }

    private static func run(_ document: JSONValue) throws(Malformation) -> StoredRun {
        guard let status = RunStatus(rawValue: try text(document, "status")) else {
            throw Malformation(reason: "\"status\" is none that this program knows")
        }
        let started = try integer(document, "started")
        var record = RunRecord(
            id: RunID(try text(document, "id")), playbook: try text(document, "playbook"),
            started: WallTime(nanosecondsSinceEpoch: Int64(started)), status: status)
        if let parent = optional(document, "parent") {
            record.parent = RunRecord.Fork(
                run: RunID(try text(parent, "run")), sequence: try integer(parent, "sequence"))
        }
        if optional(document, "answer") != nil { record.answer = try text(document, "answer") }
        if let owner = optional(document, "owner") {
            guard let ticks = UInt64(try text(owner, "start_ticks")) else {
                throw Malformation(reason: "\"start_ticks\" is not a number")
            }
            record.owner = ProcessIdentity(
                process: try integer(owner, "process"), startTicks: ticks, boot: try text(owner, "boot"))
        }
        return StoredRun(
            record: record, isExcerpt: document["excerpt"]?.boolValue ?? false, last: try integer(document, "last"),
            head: try digest(document, "head"))
    }

    private static func blob(_ document: JSONValue) throws(Malformation) -> Blob {
        guard try text(document, "codec") == "raw" else {
            throw Malformation(reason: "the content's \"codec\" is not raw, the only one that this program knows")
        }
        guard let bytes = Base64.decode(try text(document, "base64")) else {
            throw Malformation(reason: "\"base64\" is not Base64")
        }
        let (blob, claimed) = (Blob(bytes), try digest(document, "sha256"))
        guard blob.digest == claimed else {
            throw Malformation(reason: "the content has the digest \(blob.digest), not \(claimed)")
        }
        return blob
    }

    private static func event(_ document: JSONValue) throws(Malformation) -> ImportedEvent {
        guard let logical = document["logical"], let payload = logical["payload"],
            let key = EventKey(try text(logical, "key")), let causes = logical["causes"]?.arrayValue,
            let observedDocument = document["observed"], let observed = try? ObservedPart(observedDocument)
        else { throw Malformation(reason: "the event's parts are not those of an event") }
        var event = Event(key: key, actor: AgentID(try text(logical, "actor")), payload: payload)
        for cause in causes {
            guard let key = cause.stringValue.flatMap(EventKey.init) else {
                throw Malformation(reason: "\"causes\" holds something that is no key")
            }
            event.causes.append(key)
        }
        event.isObservation = observed.isObservation
        return ImportedEvent(
            run: RunID(try text(document, "run")), sequence: try integer(document, "sequence"), event: event,
            observed: observed, previous: try digest(document, "previous"), digest: try digest(document, "digest"))
    }

    private static func optional(_ document: JSONValue, _ name: String) -> JSONValue? {
        document[name].flatMap { $0 == .null ? nil : $0 }
    }

    private static func text(_ document: JSONValue, _ name: String) throws(Malformation) -> String {
        guard let text = document[name]?.stringValue else { throw Malformation(reason: "\"\(name)\" is not a text") }
        return text
    }

    private static func integer(_ document: JSONValue, _ name: String) throws(Malformation) -> Int {
        guard let number = document[name]?.intValue else { throw Malformation(reason: "\"\(name)\" is not a number") }
        return number
    }

    private static func digest(_ document: JSONValue, _ name: String) throws(Malformation) -> SHA256Digest {
        guard let digest = SHA256Digest(hexadecimal: try text(document, name)) else {
            throw Malformation(reason: "\"\(name)\" is not a digest of 64 hexadecimal digits")
        }
        return digest
    }
}
