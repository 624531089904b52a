internal import StoaCore

/// A run of an `InMemoryJournal`, with the events of its own.
struct InMemoryRun {
    private struct Entry {
        var event: Event
        var observation: Observation
        let blobs: [SHA256Digest]
    }

    /// What is known of it besides its events.
    var record: RunRecord
    /// The digest of the event that its own follow.
    private let base: SHA256Digest
    private var entries: [Entry] = []
    private var places: [EventKey: Int] = [:]
    /// The digests of the first events, as far as somebody looked.
    ///
    /// Those events are in canonical form.
    private var digests: [SHA256Digest] = []

    /// Creates a run without events of its own.
    init(record: RunRecord, base: SHA256Digest) {
        self.record = record
        self.base = base
    }

    /// The number of the last event that it inherits.
    var start: Int { record.parent?.sequence ?? 0 }
    /// The number of its last event.
    var last: Int { start + entries.count }

    /// The number of its own event with a key.
    func sequence(of key: EventKey) -> Int? { places[key].map { start + 1 + $0 } }

    /// Adds events, all of them or none.
    ///
    /// - Returns: the key that is taken; nil where none is.
    mutating func append(_ events: [Event], _ observation: Observation) -> EventKey? {
        let count = entries.count
        for (index, event) in events.enumerated() {
            if let taken = places.updateValue(count + index, forKey: event.key) {
                places[event.key] = taken < count ? taken : nil
                for earlier in events[..<index] where earlier.key != event.key { places[earlier.key] = nil }
                return event.key
            }
        }
        for event in events {
            var kept = event
            kept.blobs = []
            entries.append(Entry(event: kept, observation: observation, blobs: event.blobs.map(\.digest)))
        }
        return nil
    }

    /// Computes digests up to an event.
    ///
    /// - Parameters:
    ///   - sequence: the number of the event.
    ///   - count: the most to compute now.
    mutating func settle(through sequence: Int, atMost count: Int) {
        let first = digests.count
        for index in first..<max(first, min(sequence - start, first + count)) {
            let entry = entries[index]
            let observed = RecordedEvent.observed(
                entry.observation, blobs: entry.blobs, isObservation: entry.event.isObservation)
            digests.append(
                RecordedEvent.digest(
                    previous: digests.last ?? base, logical: entry.event.document.canonicalText,
                    observed: observed.canonicalText))
            entries[index].event.payload = Self.canonical(entry.event.payload)
            entries[index].observation.details = Self.canonical(entry.observation.details)
        }
    }

    /// What is read back from a value's canonical text.
    private static func canonical(_ value: JSONValue) -> JSONValue {
        value == .emptyObject ? value : (try? JSONParser.parse(value.canonicalText)) ?? value
    }

    /// One of its own events.
    ///
    /// - Parameter sequence: the number of the event.
    /// - Returns: the event; nil where its digest was not computed yet.
    func recorded(_ sequence: Int) -> RecordedEvent? {
        let index = sequence - start - 1
        guard digests.indices.contains(index) else { return nil }
        let entry = entries[index]
        return RecordedEvent(
            run: record.id, sequence: sequence, event: entry.event, observation: entry.observation, blobs: entry.blobs,
            previous: index > 0 ? digests[index - 1] : base, digest: digests[index])
    }
}
