extension TimeSource {
    /// Runs an operation that may take only so long.
    ///
    /// The operation is cancelled when its time is up, and its end is awaited: nothing goes on behind the caller's back.
    ///
    /// - Parameters:
    ///   - timeout: how long; nil for as long as it takes.
    ///   - subject: what runs, for the error.
    ///   - operation: what to run.
    /// - Returns: what the operation returned.
    /// - Throws: `TimedOut`, or what the operation throws.
    public func withTimeout<Value: Sendable>(
        _ timeout: Duration?, of subject: String, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let timeout else { return try await operation() }
        return try await withThrowingTaskGroup(of: TimeoutEvent<Value>.self) { group in
            group.addTask { .done(try await operation()) }
            group.addTask { (try? await self.sleep(for: timeout)) == nil ? .cancelled : .timeIsUp }
            defer { group.cancelAll() }
            while let event = try await group.next() {
                switch event {
                case .done(let value): return value
                case .cancelled: continue
                case .timeIsUp: throw TimedOut(subject: subject, timeout: timeout)
                }
            }
            throw CancellationError()
        }
    }
}

/// What happens first to work that may take only so long.
private enum TimeoutEvent<Value: Sendable>: Sendable {
    case done(Value)
    case timeIsUp
    /// The sleeper was cancelled: the operation is told too, and its end is what counts.
    case cancelled
}

/// Work that took longer than it was allowed to.
public struct TimedOut: StoaError, Hashable {
    /// What took too long.
    public let subject: String
    /// How long it might take.
    public let timeout: Duration

    /// Creates the error.
    ///
    /// - Parameters:
    ///   - subject: what took too long.
    ///   - timeout: how long it might take.
    public init(subject: String, timeout: Duration) {
        self.subject = subject
        self.timeout = timeout
    }

    /// A matter of time.
    public var kind: FailureKind { .timeout }
    /// What took too long.
    public var message: String { "\(subject): not done within \(timeout / .seconds(1)) s" }
    /// What to do.
    public var hint: String? { "allow it more time, or give it less to do" }
}
