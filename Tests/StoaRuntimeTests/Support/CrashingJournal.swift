import StoaCore
import StoaTestSupport

/// A journal whose process dies at an event boundary: after so many appends, nothing of it works any more.
final class CrashingJournal: Journal {
    struct Died: Error {}

    let inner: any Journal
    private let appendsLeft: Guarded<Int>

    init(_ inner: any Journal, after appends: Int) {
        self.inner = inner
        appendsLeft = Guarded(appends)
    }

    private func live() throws {
        guard appendsLeft.withLock({ $0 }) > 0 else { throw Died() }
    }

    func append(_ events: [Event], observation: Observation, to run: RunID) async throws -> Int {
        try live()
        let sequence = try await inner.append(events, observation: observation, to: run)
        let isDead = appendsLeft.withLock { left in
            left -= 1
            return left == 0
        }
        // The event is durable, and nobody is left to hear it.
        if isDead { throw Died() }
        return sequence
    }

    func create(_ run: RunRecord) async throws { try await inner.create(run) }
    func claim(_ run: RunID, owner: ProcessIdentity) async throws { try await inner.claim(run, owner: owner) }
    func update(_ run: RunID, status: RunStatus, answer: String?) async throws {
        try live()
        try await inner.update(run, status: status, answer: answer)
    }
    func run(_ id: RunID) async throws -> RunRecord { try await inner.run(id) }
    func runs() async throws -> [RunRecord] { try await inner.runs() }
    func event(_ key: EventKey, in run: RunID) async throws -> RecordedEvent? { try await inner.event(key, in: run) }
    func events(in run: RunID, after sequence: Int, limit: Int) async throws -> [RecordedEvent] {
        try await inner.events(in: run, after: sequence, limit: limit)
    }
    func lastSequence(in run: RunID) async throws -> Int { try await inner.lastSequence(in: run) }
    func blob(_ digest: SHA256Digest) async throws -> [UInt8] { try await inner.blob(digest) }
}
