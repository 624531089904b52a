import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport

/// A journal that lets a test come between the runtime and what is kept.
struct HookedJournal: Journal {
    let inner: any Journal
    var beforeClaim: @Sendable () async throws -> Void = {}
    var beforeEvent: @Sendable (EventKey) async throws -> Void = { _ in }
    var beforeAppend: @Sendable ([Event]) async throws -> Void = { _ in }
    var afterAppend: @Sendable ([Event]) async -> Void = { _ in }
    /// What `lastSequence` says instead.
    var end: Int?

    func append(_ events: [Event], observation: Observation, to run: RunID) async throws -> Int {
        try await beforeAppend(events)
        let sequence = try await inner.append(events, observation: observation, to: run)
        await afterAppend(events)
        return sequence
    }
    func claim(_ run: RunID, owner: ProcessIdentity) async throws {
        try await beforeClaim()
        try await inner.claim(run, owner: owner)
    }
    func event(_ key: EventKey, in run: RunID) async throws -> RecordedEvent? {
        try await beforeEvent(key)
        return try await inner.event(key, in: run)
    }
    func create(_ run: RunRecord) async throws { try await inner.create(run) }
    func update(_ run: RunID, status: RunStatus, answer: String?) async throws {
        try await inner.update(run, status: status, answer: answer)
    }
    func run(_ id: RunID) async throws -> RunRecord { try await inner.run(id) }
    func runs() async throws -> [RunRecord] { try await inner.runs() }
    func events(in run: RunID, after sequence: Int, limit: Int) async throws -> [RecordedEvent] {
        try await inner.events(in: run, after: sequence, limit: limit)
    }
    func lastSequence(in run: RunID) async throws -> Int {
        if let end { return end }
        return try await inner.lastSequence(in: run)
    }
    func blob(_ digest: SHA256Digest) async throws -> [UInt8] { try await inner.blob(digest) }
}

/// Lets a task wait until another one says so, whatever becomes of the task meanwhile.
final class Signal: Sendable {
    private let state = Guarded<(isSet: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func set() {
        let waiting = state.withLock { state in
            state.isSet = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if !state.isSet { state.waiting.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}

/// A model or tool that cannot be had for a moment.
struct Unreachable: StoaError {
    var kind: FailureKind { .unreachable }
    var message: String { "nobody there" }
    var hint: String? { nil }
}

extension Scene {
    /// Runs something in a task of its own, which may cancel itself.
    static func apart<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            return try await group.next()
        }
    }

    /// Ends the task it is called in, as Ctrl-C does.
    static func cancelThis() { withUnsafeCurrentTask { $0?.cancel() } }

    /// The logical record without the events of the run itself, which name its generation.
    func steps(of run: RunID) async throws -> [Event] {
        try await record(of: run).filter { $0.key.effect.node != "_run" }
    }

    /// The number of the event with a key's text.
    func sequence(of key: String, in run: RunID) async throws -> Int? {
        try await journal.events(in: run, after: 0, limit: .max).first { $0.event.key.description == key }?.sequence
    }
}
