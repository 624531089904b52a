/// What an event says.
///
/// The words are stored: a renamed one needs a new schema version of the journal.
public struct EventKind: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The word.
    public let rawValue: String

    /// Creates a kind from its word.
    ///
    /// - Parameter rawValue: `a-z` and `_`.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Creates a kind from its word.
    ///
    /// - Parameter rawValue: `a-z` and `_`.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// The word.
    public var description: String { rawValue }

    /// A run began: its resolved playbook, parameters, seed and models.
    public static let runStarted = EventKind("run_started")
    /// A message was posted to shared memory.
    public static let messagePosted = EventKind("message_posted")
    /// An agent read messages that it was granted.
    public static let messagesRead = EventKind("messages_read")
    /// An effect is about to be performed.
    public static let effectIntended = EventKind("effect_intended")
    /// An effect was performed, and what came of it.
    public static let effectCompleted = EventKind("effect_completed")
    /// A choice among alternatives, a condition or the end of a loop.
    public static let decided = EventKind("decided")
    /// A budget was reached.
    public static let limitReached = EventKind("limit_reached")
    /// An agent failed and was started again.
    public static let agentRestarted = EventKind("agent_restarted")
    /// A run ended.
    public static let runFinished = EventKind("run_finished")
    /// A process took a run over; not part of the logical record.
    public static let runResumed = EventKind("run_resumed")
    /// A run was cancelled or its process stopped in an orderly way; not part of the logical record.
    public static let runSuspended = EventKind("run_suspended")
    /// A tool's session that had been lost was rebuilt; not part of the logical record.
    public static let sessionRestored = EventKind("session_restored")
    /// An effect that was intended could not begin, so that nothing came of it; or, every second time, it begins after all.
    ///
    /// Not part of the logical record.
    public static let effectWithdrawn = EventKind("effect_withdrawn")

    /// Whether an event of this kind follows from those before it: an execution that starts from the same effects
    /// comes by it again.
    public var isDerived: Bool {
        switch self {
        case .messagePosted, .messagesRead, .decided, .limitReached, .agentRestarted: true
        default: false
        }
    }
}
