internal import OrderedCollections
internal import StoaCore

/// An event as the texts that are stored, made on the caller's thread so that the writer only writes.
struct EncodedEvent: Sendable {
    /// The event's name.
    let key: String
    /// The kind, from the key.
    let kind: String
    /// Who caused it.
    let actor: String
    /// The payload's canonical text.
    let payload: String
    /// The causes' canonical text.
    let causes: String
    /// Whether it is left out of comparisons.
    let isObservation: Bool
    /// The observed part's canonical text.
    let observed: String
    /// The digests of the contents that come along.
    let references: [SHA256Digest]
    /// What its digest covers besides the digest before.
    private let link: [UInt8]

    /// The deepest payload that is accepted, so that its export still is a document that can be read.
    static let maximumDepth = JSONParser.maximumDepth - 8

    /// Encodes events that are appended together.
    ///
    /// - Parameters:
    ///   - events: the events.
    ///   - observation: when and by whom.
    ///   - run: their run, for errors.
    /// - Returns: their texts.
    /// - Throws: `JournalError.invalidEvent` where one could not be read back.
    static func encode(_ events: [Event], observation: Observation, run: RunID) throws -> [EncodedEvent] {
        // Most events of a batch have the same observed part.
        let plain = RecordedEvent.observed(observation, blobs: [], isObservation: false).canonicalText
        return try events.map { event in
            let references = event.blobs.map(\.digest)
            let isPlain = references.isEmpty && !event.isObservation
            let observed =
                isPlain
                ? plain
                : RecordedEvent.observed(observation, blobs: references, isObservation: event.isObservation)
                    .canonicalText
            return try EncodedEvent(event, observed: observed, references: references, run: run)
        }
    }

    private init(_ event: Event, observed: String, references: [SHA256Digest], run: RunID) throws {
        key = event.key.description
        kind = event.key.kind.rawValue
        actor = event.actor.rawValue
        guard Self.survives(event.key, as: key), !key.utf8.contains(0), !actor.utf8.contains(0) else {
            throw JournalError(
                .invalidEvent, "run \(run): the key \(key) of an event by \(actor) does not survive its text form",
                hint: "names of steps and kinds are made of letters, digits, _ and -")
        }
        guard !event.payload.isDeeper(than: Self.maximumDepth) else {
            throw JournalError(
                .invalidEvent, "run \(run): the payload of \(key) is nested more than \(Self.maximumDepth) deep",
                hint: "make what the model or the tool returns flatter")
        }
        payload = event.payload.canonicalText
        causes =
            event.causes.isEmpty ? "[]" : JSONValue.array(event.causes.map { .string($0.description) }).canonicalText
        isObservation = event.isObservation
        self.references = references
        self.observed = observed
        link = Self.link(actor: actor, causes: causes, key: key, payload: payload, observed: observed)
    }

    /// Whether a key is what is read back from its text.
    private static func survives(_ key: EventKey, as text: String) -> Bool {
        // Names without any of the characters that divide a text always do, and parsing costs more than looking.
        func isPlain(_ name: String) -> Bool {
            !name.isEmpty
                && name.utf8.allSatisfy {
                    UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
                        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "_")
                        || $0 == UInt8(ascii: "-")
                }
        }
        let isWord = isPlain(key.kind.rawValue) && Int(key.kind.rawValue) == nil
        return isWord && isPlain(key.effect.node) || EventKey(text) == key
    }

    /// Takes the texts of an event that another journal wrote.
    ///
    /// - Parameters:
    ///   - event: the event, decoded.
    ///   - observed: its observed part.
    ///   - run: its run, for errors.
    /// - Throws: `JournalError.invalidEvent` where it could not be read back.
    init(imported event: Event, observed: ObservedPart, run: RunID) throws {
        var event = event
        event.isObservation = observed.isObservation
        let text = RecordedEvent.observed(
            observed.observation, blobs: observed.blobs, isObservation: observed.isObservation
        ).canonicalText
        try self.init(event, observed: text, references: observed.blobs, run: run)
    }

    /// The event's digest behind another.
    ///
    /// - Parameter previous: the digest of the event before.
    /// - Returns: as `RecordedEvent.digest` gives it.
    func digest(after previous: SHA256Digest) -> SHA256Digest { Self.digest(previous: previous, link: link) }

    /// SHA-256 of a digest and a link.
    static func digest(previous: SHA256Digest, link: [UInt8]) -> SHA256Digest {
        var hasher = SHA256Hasher()
        hasher.update(previous.bytes)
        hasher.update(link)
        return hasher.finalize()
    }

    /// What a digest covers: the logical part, a line feed, the observed part.
    static func link(actor: String, causes: String, key: String, payload: String, observed: String) -> [UInt8] {
        var link: [UInt8] = []
        link.reserveCapacity(
            actor.utf8.count + causes.utf8.count + key.utf8.count + payload.utf8.count + observed.utf8.count + 64)
        append(logical: (actor, causes, key, payload), to: &link)
        link.append(0x0A)
        link.append(contentsOf: observed.utf8)
        return link
    }

    /// The canonical text of `Event.document` from the texts of its members, whose names are in canonical order here.
    static func append(
        logical: (actor: String, causes: String, key: String, payload: String), to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: #"{"actor":"#.utf8)
        bytes.append(contentsOf: JSONValue.string(logical.actor).canonicalText.utf8)
        bytes.append(contentsOf: #","causes":"#.utf8)
        bytes.append(contentsOf: logical.causes.utf8)
        bytes.append(contentsOf: #","key":"#.utf8)
        bytes.append(contentsOf: JSONValue.string(logical.key).canonicalText.utf8)
        bytes.append(contentsOf: #","payload":"#.utf8)
        bytes.append(contentsOf: logical.payload.utf8)
        bytes.append(UInt8(ascii: "}"))
    }
}

extension JSONValue {
    /// Whether arrays and objects are nested deeper than a limit.
    func isDeeper(than limit: Int) -> Bool {
        switch self {
        case .array(let elements): limit == 0 || elements.contains { $0.isDeeper(than: limit - 1) }
        case .object(let members): limit == 0 || members.values.contains { $0.isDeeper(than: limit - 1) }
        default: false
        }
    }
}
