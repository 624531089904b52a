public import StoaCore

/// What every journal must do: checks that any implementation is run against, each with an empty journal of its own.
///
/// ```swift
/// @Test(arguments: JournalConformance.checks)
/// func `my journal is a journal`(check: JournalConformance.Check) async throws {
///     try await check.run(MyJournal())
/// }
/// ```
public enum JournalConformance {
    /// One thing that a journal must do; it is given an empty journal.
    public typealias Check = ConformanceCheck<any Journal>
    typealias Failure = ConformanceFailure

    /// All checks.
    public static let checks: [Check] = runChecks + eventChecks + forkChecks + concurrencyChecks
}

extension JournalConformance {
    /// Compares what was found with what was expected.
    static func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
        try Failure.expect(found, expected, what)
    }

    /// Requires an error of a journal with a code.
    static func expect(_ code: JournalError.Code, _ what: String, by body: () async throws -> Void) async throws {
        do { try await body() } catch let error as JournalError where error.code == code { return } catch {
            throw Failure("\(what): expected the error \(code), found \(error)")
        }
        throw Failure("\(what): expected the error \(code), found none")
    }

    /// A run's record that differs from others in its number only.
    static func record(_ number: Int, parent: RunRecord.Fork? = nil, owner: ProcessIdentity? = nil) -> RunRecord {
        RunRecord(
            id: RunID(bits: UInt64(number) &* 0x9E37_79B9_7F4A_7C15), playbook: "play \(number)",
            started: WallTime(nanosecondsSinceEpoch: 1_700_000_000_000_000_000 + Int64(number)), parent: parent,
            owner: owner)
    }

    /// A key that differs from others in its number and kind only.
    static func key(_ number: Int, _ kind: EventKind = .messagePosted) -> EventKey {
        EventKey(EffectKey(node: "step", indices: [number], agent: AgentID("solver/0")), kind)
    }

    /// An event that differs from others in its number only.
    static func event(_ number: Int, payload: JSONValue = .emptyObject) -> Event {
        Event(key: key(number), actor: AgentID("solver/0"), payload: payload)
    }

    /// Events with the numbers of a range.
    static func events(_ numbers: ClosedRange<Int>) -> [Event] { numbers.map { event($0) } }

    /// What an execution adds to the events of these checks.
    static let observation = Observation(
        time: WallTime(nanosecondsSinceEpoch: 1_700_000_000_123_456_789), process: 42,
        details: ["seconds": 0.25, "calls": 1])

    /// Requires that a run's events follow one another without a gap, each with its digest.
    ///
    /// - Returns: the events.
    @discardableResult
    static func checkedChain(of run: RunID, in journal: any Journal) async throws -> [RecordedEvent] {
        let events = try await journal.events(in: run, after: 0, limit: .max)
        var previous = SHA256Digest.zero
        for (index, event) in events.enumerated() {
            try expect(event.sequence, index + 1, "the number of event \(index + 1) of \(run)")
            try expect(event.previous, previous, "the digest before event \(index + 1) of \(run)")
            try expect(event.isIntact, true, "whether event \(index + 1) of \(run) has its digest")
            previous = event.digest
        }
        try expect(try await journal.lastSequence(in: run), events.count, "the last number of \(run)")
        return events
    }
}
