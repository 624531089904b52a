/// Where runs and their events are kept.
///
/// Every method that returns has taken effect durably: what `append` acknowledged survives the death of the process.
/// Cancelling the caller's task never loses or half-writes anything: an append that was called is carried out. A journal
/// may be shared by several processes.
///
/// Errors are `JournalError`s: the codes say what went wrong, whatever the implementation.
public protocol Journal: Sendable {
    /// Adds a run that has no events of its own yet.
    ///
    /// - Parameter run: its record; the owner holds the lease from here on.
    /// - Throws: `JournalError` where the id is taken, or the parent or its event does not exist.
    func create(_ run: RunRecord) async throws

    /// Takes the lease of a run, for the process that goes on with it.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - owner: who takes it.
    /// - Throws: `JournalError.owned` where another live process has it, `.unknownRun`.
    func claim(_ run: RunID, owner: ProcessIdentity) async throws

    /// Sets a run's status and answer, and gives up the lease unless the status is `running`.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - status: its status from here on.
    ///   - answer: its answer; nil leaves it as it is.
    /// - Throws: `JournalError`.
    func update(_ run: RunID, status: RunStatus, answer: String?) async throws

    /// Adds events behind those of a run: all of them or none.
    ///
    /// - Parameters:
    ///   - events: at least one, in order.
    ///   - observation: when and by whom.
    ///   - run: a run whose lease the caller holds.
    /// - Returns: the number of the first of them; the others follow it.
    /// - Throws: `JournalError`, also where a key is taken in this run (its inherited events included).
    @discardableResult
    func append(_ events: [Event], observation: Observation, to run: RunID) async throws -> Int

    /// A run's record.
    ///
    /// - Throws: `JournalError.unknownRun`.
    func run(_ id: RunID) async throws -> RunRecord

    /// All runs, the newest first.
    func runs() async throws -> [RunRecord]

    /// The event with a key, inherited ones included; nil where there is none.
    func event(_ key: EventKey, in run: RunID) async throws -> RecordedEvent?

    /// Events in order, inherited ones included.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - sequence: the number behind which to start; 0 for the beginning.
    ///   - limit: the most events to give.
    /// - Returns: at most `limit` events; empty at the end.
    /// - Throws: `JournalError`.
    func events(in run: RunID, after sequence: Int, limit: Int) async throws -> [RecordedEvent]

    /// The number of a run's last event, inherited ones included; 0 where there is none.
    func lastSequence(in run: RunID) async throws -> Int

    /// The content with a digest.
    ///
    /// - Throws: `JournalError.missingBlob`, `.damaged` where the bytes do not have that digest.
    func blob(_ digest: SHA256Digest) async throws -> [UInt8]
}
