private import Dispatch
private import Glibc
private import Synchronization

/// The lines of standard input, as they come.
///
/// Isolation: standard input is read on a queue of its own, never on the cooperative pool; cancelling the waiting task ends
/// the wait within 100 ms.
final class InputLines: Sendable {
    /// The longest accepted line.
    static let maximumBytes = 64 << 20

    private struct State {
        var buffer: [UInt8] = []
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let isCancelled = Atomic(false)
    private let queue = DispatchQueue(label: "stoa.input")

    /// The next line, without its end; nil after the last.
    ///
    /// - Returns: its bytes.
    /// - Throws: `CancellationError`; `CLIError` for a line that is too long.
    func next() async throws -> [UInt8]? {
        let line: Result<[UInt8]?, CLIError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { [self] in continuation.resume(returning: read()) }
            }
        } onCancel: {
            isCancelled.store(true, ordering: .relaxed)
        }
        try Task.checkCancellation()
        return try line.get()
    }

    private func read() -> Result<[UInt8]?, CLIError> {
        state.withLock { state in
            var searched = 0
            while true {
                if let end = state.buffer[searched...].firstIndex(of: 0x0A) {
                    let line = Array(state.buffer[..<end])
                    state.buffer.removeFirst(end + 1)
                    return .success(line)
                }
                if state.hasEnded {
                    defer { state.buffer = [] }
                    return .success(state.buffer.isEmpty ? nil : state.buffer)
                }
                searched = state.buffer.count
                guard searched <= Self.maximumBytes else {
                    return .failure(
                        .invalidInput("standard input", "a line longer than \(Self.maximumBytes >> 20) MiB"))
                }
                var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                while poll(&descriptor, 1, 50) <= 0 {
                    if isCancelled.load(ordering: .relaxed) { return .success(nil) }
                }
                var piece = [UInt8](repeating: 0, count: 1 << 16)
                let count = Glibc.read(STDIN_FILENO, &piece, piece.count)
                if count > 0 { state.buffer += piece[..<count] } else { state.hasEnded = true }
            }
        }
    }
}
