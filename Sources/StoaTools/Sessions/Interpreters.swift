internal import StoaCore
internal import StoaSandbox

/// The interpreters of a tool box: those at work, and those kept for the next call of their session. Never more than so many.
///
/// A call takes the interpreter of its session, works with it and gives it back. Where all places are taken, the one that was
/// unused for longest makes room: its session is rebuilt from its history when it is needed again.
///
/// Isolation: an actor; callers that find no place wait, the first come first. Calls of one session come one behind the other.
actor Interpreters {
    /// Whose interpreter it is.
    struct Key: Hashable, Sendable {
        let session: ToolSession
        let tool: String
    }

    private struct Kept {
        let interpreter: SandboxSession
        let lastUse: Int
    }

    private let capacity: Int
    private var kept: [Key: Kept] = [:]
    /// Sessions at work; the value says whether the interpreter is let go of when it comes back.
    private var atWork: [Key: Bool] = [:]
    private var busy = 0
    private var uses = 0
    private var waiting: [(ticket: Int, continuation: CheckedContinuation<Void, Never>)] = []
    private var nextTicket = 0
    private var isClosed = false

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Does something with the interpreter of a session.
    ///
    /// - Parameters:
    ///   - key: the session; nil for an interpreter of its own.
    ///   - body: given the session's interpreter where there is one; returns the one to keep. What it does not keep, it has
    ///     closed.
    /// - Returns: what the body returned.
    /// - Throws: what the body throws; `CancellationError`.
    func with<Value: Sendable>(
        _ key: Key?, _ body: @Sendable (SandboxSession?) async throws -> (Value, keeping: SandboxSession?)
    ) async throws -> Value {
        let interpreter = try await take(key)
        do {
            let (value, kept) = try await body(interpreter)
            await giveBack(key, kept)
            return value
        } catch {
            await giveBack(key, nil)
            throw error
        }
    }

    private func take(_ key: Key?) async throws -> SandboxSession? {
        while true {
            try Task.checkCancellation()
            guard !isClosed else { throw ToolError.closed }
            let isFree = key.map { atWork[$0] == nil } ?? true
            if busy < capacity, isFree { break }
            await wait()
        }
        busy += 1
        guard let key else {
            await makeRoom()
            return nil
        }
        atWork[key] = false
        if let found = kept.removeValue(forKey: key) { return found.interpreter }
        await makeRoom()
        return nil
    }

    /// Closes those that were unused for longest, as far as there are too many.
    private func makeRoom() async {
        while busy + kept.count > capacity, let oldest = kept.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            kept[oldest.key] = nil
            await oldest.value.interpreter.close()
        }
    }

    private func giveBack(_ key: Key?, _ interpreter: SandboxSession?) async {
        busy -= 1
        uses += 1
        var surplus = interpreter
        if let key {
            let isOver = atWork.removeValue(forKey: key) ?? true
            if let interpreter, !isOver, !isClosed {
                kept[key] = Kept(interpreter: interpreter, lastUse: uses)
                surplus = nil
            }
        }
        let woken = waiting
        waiting = []
        for waiter in woken { waiter.continuation.resume() }
        await surplus?.close()
    }

    // MARK: Ends

    /// Lets go of a session; where it is at work, as soon as it is done.
    func end(_ key: Key) async {
        if atWork[key] != nil { atWork[key] = true }
        await kept.removeValue(forKey: key)?.interpreter.close()
    }

    func close() async {
        isClosed = true
        let rest = kept.values.map(\.interpreter)
        kept = [:]
        for waiter in waiting { waiter.continuation.resume() }
        waiting = []
        for interpreter in rest { await interpreter.close() }
    }

    // MARK: Waiting

    private func wait() async {
        nextTicket += 1
        let ticket = nextTicket
        await withTaskCancellationHandler {
            await enqueue(ticket)
        } onCancel: {
            // Ends by itself: it does one short thing on the actor.
            Task { await self.leave(ticket) }
        }
    }

    private func enqueue(_ ticket: Int) async {
        if Task.isCancelled || isClosed { return }
        await withCheckedContinuation { waiting.append((ticket, $0)) }
    }

    private func leave(_ ticket: Int) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).continuation.resume()
    }
}
