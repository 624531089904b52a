internal import OrderedCollections
internal import StoaCore

/// The lines of an export: what they are called and what they hold.
///
/// The first names the format; then, per run, its record, and its events with the contents they need before them. Texts
/// stand as they are stored, so that a journal, its export and the import of that have the same digests.
enum ExportLine {
    /// The name of the format.
    static let format = "stoa-journal"
    /// The version of the format that this program writes and reads.
    static let version = 1

    /// The first line: `{"format":…,"runs":…,"version":…}`.
    ///
    /// It counts the runs, so that a file cut short shows.
    static func header(runs: Int) -> String {
        let document: JSONValue = [
            "format": .string(format), "version": .integer(Int64(version)), "runs": .integer(Int64(runs)),
        ]
        return document.canonicalText
    }

    /// A run's record: `{"run":{…}}`.
    static func text(_ run: StoredRun) -> String {
        let record = run.record
        let parent = record.parent.map { fork -> JSONValue in
            ["run": .string(fork.run.rawValue), "sequence": .integer(Int64(fork.sequence))]
        }
        let owner = record.owner.map { owner -> JSONValue in
            // Ticks are unsigned and may need all their bits, which a number of JSON does not have.
            [
                "process": .integer(Int64(owner.process)), "start_ticks": .string(String(owner.startTicks)),
                "boot": .string(owner.boot),
            ]
        }
        let document: JSONValue = [
            "id": .string(record.id.rawValue), "playbook": .string(record.playbook),
            "started": .integer(record.started.nanosecondsSinceEpoch), "parent": parent ?? .null,
            "status": .string(record.status.rawValue), "answer": record.answer.map(JSONValue.string) ?? .null,
            "owner": owner ?? .null, "excerpt": .bool(run.isExcerpt), "last": .integer(Int64(run.last)),
            "head": .string(run.head.description),
        ]
        return JSONValue.object(["run": document]).canonicalText
    }

    /// Content: `{"blob":{"base64":…,"codec":"raw","sha256":…}}`.
    static func text(_ bytes: [UInt8], digest: SHA256Digest) -> String {
        #"{"blob":{"base64":""# + Base64.encode(bytes) + #"","codec":"raw","sha256":""# + digest.description + #""}}"#
    }

    /// An event: `{"event":{"digest":…,"logical":{…},"observed":{…},"previous":…,"run":…,"sequence":…}}`.
    static func text(_ event: StoredEvent) -> String {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: #"{"event":{"digest":""#.utf8)
        bytes.append(contentsOf: event.digest.description.utf8)
        bytes.append(contentsOf: #"","logical":"#.utf8)
        EncodedEvent.append(logical: (event.actor, event.causes, event.key, event.payload), to: &bytes)
        bytes.append(contentsOf: #","observed":"#.utf8)
        bytes.append(contentsOf: event.observed.utf8)
        bytes.append(contentsOf: #","previous":""#.utf8)
        bytes.append(contentsOf: event.previous.description.utf8)
        bytes.append(contentsOf: #"","run":"#.utf8)
        bytes.append(contentsOf: JSONValue.string(event.run.rawValue).canonicalText.utf8)
        bytes.append(contentsOf: ",\"sequence\":\(event.sequence)}}".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }
}
