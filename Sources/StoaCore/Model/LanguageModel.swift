/// A model that answers conversations: the engine's, a server's or a test's.
///
/// Any number of callers may use it at a time. Cancelling a caller ends its own call within 100 ms and leaves the model
/// usable.
public protocol LanguageModel: Sendable {
    /// What it is.
    var identity: ModelIdentity { get }

    /// How many calls at a time make sense; the scheduler keeps to it.
    var concurrency: Int { get }

    /// Answers a conversation.
    ///
    /// - Parameters:
    ///   - request: the conversation, and how to answer.
    ///   - progress: is told of what happens; must not wait.
    /// - Returns: the whole reply.
    /// - Throws: a `StoaError` of the module (`.unreachable` and `.timeout` may be tried again), or `CancellationError`.
    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply
}

/// What a model reports while it works.
public enum ModelProgress: Sendable, Hashable {
    /// The prompt is being read.
    case prefilling
    /// Text that became certain: whole characters, in order. Together they are the reply's text.
    case text(String)
    /// So many latent steps were taken; the most probable token of the last one's state, where a trace is kept.
    case latentStep(Int, lens: String? = nil)
    /// A server asked to wait before another attempt.
    case waiting(Duration, reason: String)
}
