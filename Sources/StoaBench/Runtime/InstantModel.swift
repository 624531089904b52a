internal import StoaCore
internal import Synchronization

/// A model that takes no time, so that what is measured is what is around it; it can be held shut.
final class InstantModel: LanguageModel {
    private struct Gate {
        var isOpen: Bool
        var arrived = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watcher: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    let identity = ModelIdentity(name: "instant", provider: .scripted, fingerprint: "instant")
    let concurrency: Int
    private let gate: Guarded<Gate>

    init(concurrency: Int = 8, isOpen: Bool = true) {
        self.concurrency = concurrency
        gate = Guarded(Gate(isOpen: isOpen))
    }

    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        await pass()
        return ModelReply(text: "ready", finish: .stop, promptTokens: [1, 2, 3], tokens: [4, 5])
    }

    private func pass() async {
        await withCheckedContinuation { continuation in
            let (isOpen, watcher) = gate.withLock { gate -> (Bool, CheckedContinuation<Void, Never>?) in
                gate.arrived += 1
                var watcher: CheckedContinuation<Void, Never>?
                if let found = gate.watcher, gate.arrived >= found.count {
                    watcher = found.continuation
                    gate.watcher = nil
                }
                if !gate.isOpen { gate.waiting.append(continuation) }
                return (gate.isOpen, watcher)
            }
            watcher?.resume()
            if isOpen { continuation.resume() }
        }
    }

    /// Waits until so many calls have arrived.
    func waitForCalls(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isDue = gate.withLock { gate in
                if gate.arrived >= count { return true }
                gate.watcher = (count, continuation)
                return false
            }
            if isDue { continuation.resume() }
        }
    }

    /// Lets everyone through.
    func open() {
        let waiting = gate.withLock { gate in
            gate.isOpen = true
            defer { gate.waiting = [] }
            return gate.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// Names that count up.
final class CountingIdentifiers: IdentifierSource {
    private let count = Atomic<UInt64>(0)
    func next() -> UInt64 { count.add(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15 }
}

/// No tools.
struct NoTools: ToolExecutor {
    var tools: [ToolDefinition] { [] }
    func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult {
        ToolResult(status: .denied)
    }
}
