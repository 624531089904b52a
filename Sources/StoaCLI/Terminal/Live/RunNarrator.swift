internal import StoaCore
internal import StoaRuntime

/// An observer that tells a person or a program what happens in a run.
///
/// `observe` only takes note; what is to be written is written by `flush`, which `narrating` calls several times a second
/// from one task. So no agent ever waits for a terminal or a pipe.
protocol RunNarrator: RunObserver {
    /// Writes what there is to write.
    ///
    /// - Throws: `CLIError` where the stream cannot take it.
    func flush() throws

    /// Writes the rest; nothing is observed after it.
    ///
    /// - Throws: `CLIError` where the stream cannot take it.
    func finish() throws
}

extension RunNarrator {
    /// Does something while what it makes happen is told.
    ///
    /// - Parameters:
    ///   - clock: how often is measured by it.
    ///   - body: what to do.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws; `CLIError` where the narration cannot be written.
    func narrating<Value: Sendable>(
        clock: any TimeSource, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let result: Result<Value, any Error> = await withTaskGroup(of: Result<Value, any Error>?.self) { group in
            group.addTask {
                do {
                    while true {
                        try await clock.sleep(for: .milliseconds(50))
                        try flush()
                    }
                } catch is CancellationError {
                    return nil
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                do {
                    return .success(try await body())
                } catch {
                    return .failure(error)
                }
            }
            var result: Result<Value, any Error> = .failure(CancellationError())
            // The narration ends first only where the caller was cancelled, or where it cannot be written.
            while let ended = await group.next() {
                if let ended {
                    result = ended
                    group.cancelAll()
                }
            }
            return result
        }
        try finish()
        return try result.get()
    }
}

/// Says nothing.
struct SilentNarrator: RunNarrator {
    func observe(_ update: RunUpdate) {}
    func flush() {}
    func finish() {}
}
