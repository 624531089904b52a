internal import Glibc
internal import StoaCore
internal import Subprocess
internal import Synchronization

/// A server's process: lines in, messages out, and an end that leaves nothing behind.
struct MCPProcess: Sendable {
    let command: [String]
    let environment: [String: String]
    /// How long the server has to end by itself once it is told to.
    let grace: Duration
    let clock: any TimeSource

    /// How long what has been killed may take to be gone.
    private static let deathLimit: Duration = .seconds(5)

    /// Runs the server in a session of its own until it ends or the task is cancelled; everything that it has started in
    /// that session is killed then, and gone when this returns.
    ///
    /// - Parameters:
    ///   - lines: what is written to it; when they end, so does its input.
    ///   - receive: is given its messages.
    /// - Returns: why it is over.
    func run(
        _ lines: BoundedChannel<[UInt8]>.Elements, receive: @escaping @Sendable ([MCPMessage]) async -> Void
    ) async -> String {
        let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        guard let program = Self.find(command[0], in: path) else { return "there is no program \(command[0])" }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)]
        // The session's first group has the number of the server's process.
        let group = Mutex<pid_t?>(nil)
        let variables = environment.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8) + [0] }
        do {
            let outcome = try await Subprocess.run(
                .path(Self.literal(program)), arguments: Arguments(Array(command.dropFirst())),
                environment: .custom(variables), platformOptions: options, input: .inputWriter, output: .sequence,
                error: .discarded
            ) { execution in
                group.withLock { $0 = execution.processIdentifier.value }
                // It has been waited for by nobody yet, so the number is still its own.
                defer { try? execution.send(signal: .kill, toProcessGroup: true) }
                await withTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        do {
                            for try await line in lines { _ = try await execution.standardInputWriter.write(line) }
                        } catch {
                            // A server that reads no more may still have something to say.
                        }
                        try? await execution.standardInputWriter.finish()
                        return false
                    }
                    group.addTask {
                        do {
                            var splitter = LineSplitter()
                            for try await piece in execution.standardOutput {
                                let bytes = piece.withUnsafeBytes { Array($0) }
                                for line in try splitter.append(bytes) { await receive(MCPMessage.list(line)) }
                            }
                        } catch {
                            // Cancelled, or a line without an end: there is nothing to be had from it any more.
                        }
                        return true
                    }
                    while let isOver = await group.next(), !isOver {}
                    group.cancelAll()
                }
            }
            await end(of: group.withLock { $0 })
            return "it ended (\(outcome.terminationStatus))"
        } catch {
            await end(of: group.withLock { $0 })
            return Task.isCancelled ? "it was closed" : "it does not start: \(error)"
        }
    }

    /// Waits until a killed group is empty: a process that was sent the signal is still there for a moment.
    ///
    /// Only the server itself is this process's child, and was waited for; of the others there is only this to be seen. Where
    /// nobody takes the dead away, they stay for ever as such, hence the limit.
    private func end(of group: pid_t?) async {
        guard let group else { return }
        let (clock, limit) = (clock, clock.now + Self.deathLimit)
        // Owned by this call, which awaits it: the task that calls may have been cancelled, and could not wait.
        await Task {
            while kill(-group, 0) == 0, clock.now < limit { try? await clock.sleep(for: .milliseconds(1)) }
        }.value
    }

    private static func find(_ name: String, in path: String) -> String? {
        let candidates = name.contains("/") ? [name] : path.split(separator: ":").map { "\($0)/\(name)" }
        return candidates.first { access($0, X_OK) == 0 }
    }

    /// A value of a type that is written as a string literal: the way to name a path for `Subprocess` without its path type.
    private static func literal<Value: ExpressibleByStringLiteral>(_ text: String) -> Value
    where Value.StringLiteralType == String {
        Value(stringLiteral: text)
    }
}
