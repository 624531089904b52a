internal import OrderedCollections

/// The logical part of an event: what happened, in terms that are the same in every execution.
///
/// Equality between live, replayed, resumed and repeated runs compares these, ordered by key.
public struct Event: Sendable, Hashable {
    /// The event's name in its run.
    public var key: EventKey
    /// Who caused it.
    public var actor: AgentID
    /// What it says; the form is that of the payload type of its kind.
    public var payload: JSONValue
    /// The events it follows from.
    public var causes: [EventKey]
    /// Contents that the payload refers to by digest; part of the event's transaction, not of its logical part.
    public var blobs: [Blob]
    /// Whether it tells of this execution alone (a takeover, a stop) and is left out of comparisons.
    public var isObservation: Bool

    /// Creates an event.
    ///
    /// - Parameters:
    ///   - key: its name in its run.
    ///   - actor: who caused it.
    ///   - payload: what it says.
    ///   - causes: the events it follows from.
    ///   - blobs: contents that the payload refers to by digest.
    ///   - isObservation: whether it is left out of comparisons.
    public init(
        key: EventKey, actor: AgentID, payload: JSONValue, causes: [EventKey] = [], blobs: [Blob] = [],
        isObservation: Bool = false
    ) {
        self.key = key
        self.actor = actor
        self.payload = payload
        self.causes = causes
        self.blobs = blobs
        self.isObservation = isObservation
    }

    /// The logical part as one document: `{key, actor, payload, causes}`.
    public var document: JSONValue {
        [
            "key": .string(key.description), "actor": .string(actor.rawValue), "payload": payload,
            "causes": .array(causes.map { .string($0.description) }),
        ]
    }
}

/// Content that is stored once, under its digest.
public struct Blob: Sendable, Hashable {
    /// SHA-256 of the bytes.
    public let digest: SHA256Digest
    /// The bytes.
    public let bytes: [UInt8]

    /// Creates a blob.
    ///
    /// - Parameter bytes: the bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        digest = SHA256Digest(hashing: bytes)
    }

    /// Whether two blobs are the same content.
    public static func == (left: Blob, right: Blob) -> Bool { left.digest == right.digest }

    /// Hashes the digest.
    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// What one execution adds to an event: times and the process, never compared.
public struct Observation: Sendable, Hashable {
    /// When the event was handed to the journal.
    public var time: WallTime
    /// The process that wrote it.
    public var process: Int
    /// Durations, speeds and the like, in an object.
    public var details: JSONValue

    /// Creates an observation.
    ///
    /// - Parameters:
    ///   - time: when the event was handed to the journal.
    ///   - process: the process that wrote it.
    ///   - details: durations, speeds and the like.
    public init(time: WallTime, process: Int, details: JSONValue = .emptyObject) {
        self.time = time
        self.process = process
        self.details = details
    }

    /// `{time, process, details}`, the time in nanoseconds since the epoch.
    public var document: JSONValue {
        ["time": .integer(time.nanosecondsSinceEpoch), "process": .integer(Int64(process)), "details": details]
    }
}

/// An event as the journal has it.
public struct RecordedEvent: Sendable, Hashable {
    /// The run that wrote it: for an event that a fork shares, the parent.
    public var run: RunID
    /// Its number in its run, from 1; a fork goes on from where it left its parent.
    public var sequence: Int
    /// What happened.
    public var event: Event
    /// What this execution adds.
    public var observation: Observation
    /// The digests of the contents that the event brought along.
    ///
    /// A journal gives events without the bytes, so `event.blobs` is empty; `Journal.blob` gives them.
    public var blobs: [SHA256Digest]
    /// The digest of the event before it; of zeros for the first.
    public var previous: SHA256Digest
    /// The digest of this event, as `RecordedEvent.digest(…)` computes it.
    public var digest: SHA256Digest

    /// Creates a recorded event.
    public init(
        run: RunID, sequence: Int, event: Event, observation: Observation, blobs: [SHA256Digest] = [],
        previous: SHA256Digest, digest: SHA256Digest
    ) {
        self.run = run
        self.sequence = sequence
        self.event = event
        self.observation = observation
        self.blobs = blobs
        self.previous = previous
        self.digest = digest
    }

    /// The link of the hash chain: SHA-256 over the previous digest's bytes, the canonical text of the logical part, a
    /// line feed, and the canonical text of the observed part.
    ///
    /// - Parameters:
    ///   - previous: the digest of the event before.
    ///   - logical: the canonical text of `Event.document`.
    ///   - observed: the canonical text of the observed part.
    /// - Returns: the digest.
    public static func digest(previous: SHA256Digest, logical: String, observed: String) -> SHA256Digest {
        var hasher = SHA256Hasher()
        hasher.update(previous.bytes)
        hasher.update(logical.utf8)
        hasher.update([0x0A])
        hasher.update(observed.utf8)
        return hasher.finalize()
    }
    /// The observed part as one document: that of the observation, and, where they say something, `blobs` with the
    /// digests of the contents and `observation` for an event that tells of this execution alone.
    ///
    /// Whether contents were kept is not part of what happened, but it must not go unnoticed when they vanish.
    ///
    /// - Parameters:
    ///   - observation: when and by whom.
    ///   - blobs: the digests of the contents that the event brings along.
    ///   - isObservation: whether the event is left out of comparisons.
    /// - Returns: the document.
    public static func observed(
        _ observation: Observation, blobs: [SHA256Digest], isObservation: Bool
    ) -> JSONValue {
        guard case .object(var members) = observation.document else { return observation.document }
        if !blobs.isEmpty { members["blobs"] = .array(blobs.map { .string($0.description) }) }
        if isObservation { members["observation"] = true }
        return .object(members)
    }

    /// Whether the digest is that of the parts.
    public var isIntact: Bool {
        let observed = Self.observed(observation, blobs: blobs, isObservation: event.isObservation)
        return digest
            == Self.digest(
                previous: previous, logical: event.document.canonicalText, observed: observed.canonicalText)
    }
}
