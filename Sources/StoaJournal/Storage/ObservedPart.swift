internal import StoaCore

/// The observed part of an event, read from its text.
struct ObservedPart: Sendable {
    /// When and by whom.
    let observation: Observation
    /// The digests of the contents that came along.
    let blobs: [SHA256Digest]
    /// Whether the event is left out of comparisons.
    let isObservation: Bool

    /// Reads a text that `RecordedEvent.observed` made.
    ///
    /// - Parameter text: the text.
    /// - Throws: `JSONError`, `StoredEvent.Malformation`.
    init(_ text: String) throws { try self.init(JSONParser.parse(text)) }

    /// Reads a document that `RecordedEvent.observed` made.
    ///
    /// - Parameter document: the document.
    /// - Throws: `StoredEvent.Malformation`.
    init(_ document: JSONValue) throws {
        guard case .integer(let time)? = document["time"], let process = document["process"]?.intValue,
            let details = document["details"]
        else { throw StoredEvent.Malformation(part: "observed part") }
        observation = Observation(time: WallTime(nanosecondsSinceEpoch: time), process: process, details: details)
        isObservation = document["observation"]?.boolValue ?? false
        blobs = try (document["blobs"]?.arrayValue ?? []).map { text in
            guard let digest = text.stringValue.flatMap(SHA256Digest.init(hexadecimal:)) else {
                throw StoredEvent.Malformation(part: "list of contents")
            }
            return digest
        }
    }
}
