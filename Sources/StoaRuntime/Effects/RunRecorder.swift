internal import StoaCore

/// The one way from a run to its journal: it adds what happens, and holds it against what happened.
///
/// A run that is executed again (resumed, forked or replayed) takes the same steps; for each of them the recorder finds
/// the event with the same key. What stands there is compared; what does not is added, or, in a replay, is a divergence.
/// Nothing here depends on the order in which agents get their turns.
actor RunRecorder {
    /// What is done with events.
    enum Mode: Sendable, Hashable {
        /// Added; those that are there already must be equal.
        case record
        /// Compared.
        case replay(ReplayMode)
    }

    nonisolated let run: RunID
    nonisolated let mode: Mode
    nonisolated let reader: ContentReader
    nonisolated let observer: any RunObserver
    private let journal: any Journal
    private let clock: any TimeSource
    private let process: ProcessIdentity
    /// Events up to here belong to a parent: they are taken as they are, since the parent's playbook may have differed.
    private let inherited: Int
    /// How often the run was branched: 0 for a run of its own.
    nonisolated let generation: Int
    /// The last event that was there in the beginning.
    private let recordedEnd: Int
    /// Whether the run had ended, so that what is not in the record never happened.
    private let isComplete: Bool
    /// A bit for each recorded event that the execution came by.
    private var visited: [UInt64]
    private var compared = 0
    private var skipped = 0
    private var divergence: ReplayReport.Divergence?
    /// Contents that are in the journal already, so that no event needs to bring them again.
    private var stored: Set<SHA256Digest> = []
    /// Events that follow from others: they become durable with the next one that does not.
    private var derived: [(event: Event, details: JSONValue)] = []
    /// Where each of them is.
    private var derivedPlaces: [EventKey: Int] = [:]
    /// Recorded events that were read ahead, until the execution comes by them.
    private var ahead: [EventKey: RecordedEvent] = [:]
    private var readTo = 0
    /// Whether a branch reads ahead, and those that wait for it.
    private var isReading = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Events up to there that are part of the logical record.
    private var logicalRead = 0

    init(
        run: RunID, mode: Mode, journal: any Journal, clock: any TimeSource, process: ProcessIdentity,
        observer: any RunObserver, inherited: Int = 0, generation: Int = 0, recordedEnd: Int = 0,
        isComplete: Bool = false
    ) {
        self.run = run
        self.mode = mode
        self.journal = journal
        self.clock = clock
        self.process = process
        self.observer = observer
        self.inherited = inherited
        self.generation = generation
        self.recordedEnd = recordedEnd
        self.isComplete = isComplete
        reader = ContentReader(journal: journal, readsNumbers: mode == .replay(.recompute))
        visited = Array(repeating: 0, count: recordedEnd / 64 + 1)
    }

    // MARK: - Looking back

    /// The recorded event with a key; nil where there is none.
    ///
    /// An execution comes by events nearly in their order, so the record is read in windows, each event once. What is
    /// looked for out of order is asked for by its key. Branches come by theirs in any order, so what is read ahead has room
    /// for the events of all that are under way at a time; large contents are not among it.
    func recorded(_ key: EventKey) async throws -> RecordedEvent? {
        guard recordedEnd > 0 else { return nil }
        if let found = ahead[key] { return found }
        while readTo < recordedEnd, ahead.count < Self.ahead {
            try await readOn()
            if let found = ahead[key] { return found }
        }
        let found = try await journal.event(key, in: run)
        return found.flatMap { $0.sequence <= recordedEnd ? $0 : nil }
    }

    /// Reads the next window of the record, once for all branches that want it.
    private func readOn() async throws {
        guard !isReading else { return await withCheckedContinuation { waiting.append($0) } }
        isReading = true
        defer {
            isReading = false
            for branch in waiting { branch.resume() }
            waiting = []
        }
        let events = try await journal.events(in: run, after: readTo, limit: Self.window / 2)
        for event in events where event.sequence > readTo && event.sequence <= recordedEnd {
            if !event.event.isObservation { logicalRead += 1 }
            if !isVisited(event.sequence) { ahead[event.event.key] = event }
        }
        readTo = max(readTo, events.last?.sequence ?? recordedEnd)
    }

    /// Recorded events that are read ahead at most.
    private static let ahead = 8192
    /// Events that are read, or wait to be written, at a time.
    private static let window = 1024

    /// A message that was posted in this execution or before, however long ago.
    func posted(_ key: EventKey) async throws -> Message? {
        if let place = derivedPlaces[key] {
            var event = derived[place].event
            event.payload = try await reader.whole(event.payload, in: "\(key)", fresh: event.blobs)
            return Message(
                RecordedEvent(
                    run: run, sequence: 0, event: event,
                    observation: Observation(time: clock.wallTime, process: process.process), previous: .zero,
                    digest: .zero))
        }
        guard let found = try await journal.event(key, in: run) else { return nil }
        return Message(try await reader.whole(found))
    }

    /// An event of this execution or of one before, wherever in the journal it is.
    func found(_ key: EventKey) async throws -> RecordedEvent? { try await journal.event(key, in: run) }

    /// Whether an event belongs to a parent of the run.
    nonisolated func isInherited(_ event: RecordedEvent) -> Bool { event.sequence <= inherited }

    // MARK: - Effects that could not begin

    /// Whether an effect that was intended could not begin, the last time it was tried.
    func isWithdrawn(_ key: EffectKey) async throws -> Bool { try await marks(of: key).own % 2 == 1 }

    /// Notes that an effect could not begin, or that it begins after all.
    func mark(_ key: EffectKey, by actor: AgentID, withdrawn isWithdrawn: Bool) async throws {
        guard case .record = mode else { return }
        let event = Event(
            key: EventKey(key, .effectWithdrawn, ordinal: try await marks(of: key).all), actor: actor,
            payload: ["withdrawn": .bool(isWithdrawn)], isObservation: true)
        try await append([event], details: .emptyObject)
    }

    /// The marks of an effect, and those of them that no parent of the run made.
    private func marks(of key: EffectKey) async throws -> (all: Int, own: Int) {
        var (all, own) = (0, 0)
        while let found = try await journal.event(EventKey(key, .effectWithdrawn, ordinal: all), in: run) {
            all += 1
            if !isInherited(found) { own += 1 }
        }
        return (all, own)
    }

    // MARK: - Going on

    /// Records events, all or none, or compares them with the record.
    ///
    /// - Parameters:
    ///   - events: in order; none is fine.
    ///   - details: durations and the like, for the observed part.
    ///   - isDurable: whether they must survive the death of the process when this returns; nil where they say so
    ///     themselves: effects must, what follows from them need not, since it would follow again.
    ///   - last: the event before them in their branch, for saying where a replay and its record parted.
    /// - Returns: what stands in the record for those events that a parent wrote: to be used instead of what they say.
    /// - Throws: `JournalError`; `ReplayStop` where a replay cannot go on.
    @discardableResult
    func commit(
        _ events: [Event], details: JSONValue = .emptyObject, isDurable: Bool? = nil, after last: EventKey? = nil
    ) async throws -> [EventKey: JSONValue] {
        var fresh: [Event] = []
        var inheritedPayloads: [EventKey: JSONValue] = [:]
        for event in events {
            guard let found = try await recorded(event.key) else {
                fresh.append(event)
                continue
            }
            try await compare(event, with: found)
            if isInherited(found) { inheritedPayloads[event.key] = found.event.payload }
        }
        guard !fresh.isEmpty else { return inheritedPayloads }
        guard case .record = mode else {
            throw try await missing(fresh[0].key, replayed: fresh[0].payload, after: last)
        }
        if isDurable ?? fresh.contains(where: { !$0.key.kind.isDerived }) {
            try await append(fresh, details: details)
        } else {
            for event in fresh {
                derivedPlaces[event.key] = derived.count
                derived.append((event, details))
            }
            // Bounded, however long a run goes on without an effect.
            if derived.count >= Self.window { try await append([], details: .emptyObject) }
        }
        return inheritedPayloads
    }

    /// Why a replay cannot go on where the record has no event with a key.
    func missing(_ key: EventKey, replayed: JSONValue?, after last: EventKey? = nil) async throws -> ReplayStop {
        guard isComplete else { return .recordEnds }
        var sequence = lastVisited
        if let last, let found = try await journal.event(last, in: run) { sequence = found.sequence }
        return note(path: "\(key)", sequence: sequence, recorded: nil, replayed: replayed)
    }

    private func append(_ fresh: [Event], details: JSONValue) async throws {
        var events = derived.map(\.event) + fresh
        derived = []
        derivedPlaces = [:]
        guard !events.isEmpty else { return }
        for index in events.indices where !events[index].blobs.isEmpty {
            events[index].blobs.removeAll { stored.contains($0.digest) }
        }
        let observation = Observation(time: clock.wallTime, process: process.process, details: details)
        let first = try await journal.append(events, observation: observation, to: run)
        for (index, event) in events.enumerated() {
            stored.formUnion(event.blobs.map(\.digest))
            let change = RunUpdate.Change.recorded(sequence: first + index, event: event, observation: observation)
            observer.observe(RunUpdate(run: run, effect: event.key.effect, change: change))
        }
    }

    // MARK: - Comparing

    private func compare(_ event: Event, with found: RecordedEvent) async throws {
        visit(found)
        guard found.sequence > inherited else { return }
        compared += 1
        guard var difference = JSONDifference.first(found.event.payload, event.payload) else {
            return try compareSurroundings(event, found)
        }
        if LargeValues.areIn(event.payload) || LargeValues.areIn(found.event.payload) {
            // What one of them keeps elsewhere, the other may say: records of earlier versions do.
            guard let inner = try await wholeDifference(event, found) else {
                return try compareSurroundings(event, found)
            }
            difference = inner
        }
        let precise = try await precise(difference, of: event, found)
        throw note(
            path: "\(event.key): \(precise.path)", sequence: found.sequence, recorded: precise.recorded,
            replayed: precise.replayed)
    }

    /// Who caused an event, and what it follows from, are as much part of what happened as what it says.
    private func compareSurroundings(_ event: Event, _ found: RecordedEvent) throws {
        guard event.actor != found.event.actor || event.causes != found.event.causes else { return }
        let isActor = event.actor != found.event.actor
        throw note(
            path: "\(event.key): \(isActor ? "actor" : "causes")", sequence: found.sequence,
            recorded: isActor ? .string(found.event.actor.rawValue) : Self.list(found.event.causes),
            replayed: isActor ? .string(event.actor.rawValue) : Self.list(event.causes))
    }

    private static func list(_ causes: [EventKey]) -> JSONValue { .array(causes.map { .string($0.description) }) }

    /// Compares what an effect came to with what the record says, and goes on with the record.
    ///
    /// - Parameters:
    ///   - event: what the effect came to now.
    ///   - found: what it came to then.
    /// - Throws: `JournalError`.
    func compareEffect(_ event: Event, with found: RecordedEvent) async throws {
        compared += 1
        // The token that differs says more than the text that follows from it.
        let telling = ["prompt_tokens", "tokens", "latent", "adapter", "losses"]
        guard var difference = JSONDifference.first(found.event.payload, event.payload, before: telling) else { return }
        if LargeValues.areIn(event.payload) || LargeValues.areIn(found.event.payload) {
            guard let inner = try await wholeDifference(event, found, before: telling) else { return }
            difference = inner
        }
        let precise = try await precise(difference, of: event, found)
        _ = note(
            path: "\(event.key): \(precise.path)", sequence: found.sequence, recorded: precise.recorded,
            replayed: precise.replayed)
    }

    /// Takes note of an effect whose recorded result stands for itself.
    func visitEffect(_ found: RecordedEvent, skipped isSkipped: Bool) {
        visit(found)
        if isSkipped { skipped += 1 }
    }

    /// Takes note of recorded content that cannot be read as what it must be.
    func noteDamage(_ error: JournalError, in found: RecordedEvent) -> ReplayStop {
        note(path: "\(found.event.key)", sequence: found.sequence, recorded: .string(error.message), replayed: nil)
    }

    /// Content that an event brings, or that the journal has.
    func content(_ digest: SHA256Digest, _ fresh: [SHA256Digest: [UInt8]]) async throws -> [UInt8] {
        if let bytes = fresh[digest] { return bytes }
        return try await journal.blob(digest)
    }

    private func note(path: String, sequence: Int, recorded: JSONValue?, replayed: JSONValue?) -> ReplayStop {
        let found = ReplayReport.Divergence(
            sequence: sequence, path: path, recorded: recorded, replayed: replayed)
        if divergence.map({ sequence < $0.sequence }) ?? true { divergence = found }
        return .diverged(found)
    }

    private var lastVisited: Int {
        for word in visited.indices.reversed() where visited[word] != 0 {
            return word * 64 + 63 - visited[word].leadingZeroBitCount
        }
        return 0
    }

    private func isVisited(_ sequence: Int) -> Bool {
        sequence / 64 < visited.count && visited[sequence / 64] >> (sequence % 64) & 1 == 1
    }

    private func visit(_ event: RecordedEvent) {
        let (word, bit) = (event.sequence / 64, UInt64(1) << (event.sequence % 64))
        guard word < visited.count, visited[word] & bit == 0 else { return }
        visited[word] |= bit
        ahead[event.event.key] = nil
    }

    // MARK: - The end

    /// What was found, after the execution ended.
    ///
    /// - Parameters:
    ///   - mode: how the run was replayed.
    ///   - isWhole: whether the execution came by everything it could, so that an event it did not come by is a
    ///     divergence.
    /// - Returns: the report.
    /// - Throws: `JournalError`.
    func report(_ mode: ReplayMode, isWhole: Bool) async throws -> ReplayReport {
        func check(_ found: RecordedEvent) {
            guard isWhole, !found.event.isObservation, !isVisited(found.sequence), found.sequence > inherited else {
                return
            }
            _ = note(
                path: "\(found.event.key)", sequence: found.sequence, recorded: found.event.payload, replayed: nil)
        }
        // What was read ahead and never come by, then what was not even read. A run that goes on while it is replayed is
        // replayed as far as it was in the beginning.
        for found in ahead.values.sorted(by: { $0.sequence < $1.sequence }) { check(found) }
        while readTo < recordedEnd {
            let events = try await journal.events(in: run, after: readTo, limit: min(1000, recordedEnd - readTo))
            guard let last = events.last else { break }
            for found in events {
                if !found.event.isObservation { logicalRead += 1 }
                check(found)
            }
            readTo = last.sequence
        }
        return ReplayReport(
            run: run, mode: mode, events: logicalRead, compared: compared, skipped: skipped, firstDivergence: divergence
        )
    }
}

/// Why an execution that follows a record does not go on.
enum ReplayStop: Error, Sendable {
    /// The record ends here: the run was stopped before it went further.
    case recordEnds
    /// The execution and the record have parted.
    case diverged(ReplayReport.Divergence)
}
