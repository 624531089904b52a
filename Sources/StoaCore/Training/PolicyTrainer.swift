/// Trains adapters of one model: handles in, handles out.
///
/// Any number of callers may use it at a time; it trains one adapter after the other. Cancelling a caller ends its own
/// training at the next micro-batch.
public protocol PolicyTrainer: Sendable {
    /// The model that is trained, which itself stays as it is.
    var identity: ModelIdentity { get }

    /// Trains an adapter.
    ///
    /// Determinism: the adapter and every loss are a pure function of the request and the model, whatever the number of
    /// threads. A trainer may go on from what a process that died had done of the same request: the bits are the same.
    ///
    /// - Parameters:
    ///   - request: what to learn, from where, and how.
    ///   - progress: is told of each step; must not wait.
    /// - Returns: the adapter, which is in the store by then, and what it took.
    /// - Throws: a `StoaError` for a request that makes no sense or an adapter that is not there, or `CancellationError`.
    func train(
        _ request: TrainingRequest, progress: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingReply
}
