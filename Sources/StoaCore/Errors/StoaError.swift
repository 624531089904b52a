/// The broad class of a failure, which decides the process's exit code.
public enum FailureKind: String, Sendable, Hashable, CaseIterable {
    /// Anything without a more precise class.
    case failure
    /// The caller asked for something that does not exist or left out what is required.
    case usage
    /// A file, a model or a document that cannot be accepted as it is.
    case badInput
    /// A limit was reached before there was an answer.
    case budget
    /// A model backend, or the network behind it, cannot be reached.
    case unreachable
    /// Work took longer than it was allowed to.
    case timeout
    /// A replay differed from its record, or a record is damaged.
    case divergence
    /// Code cannot be isolated on this machine, so that none is run.
    case noSandbox
}

/// The shape that every error of every module shares.
///
/// A message says what failed, on what, what was expected and what was found; the hint says what to do next.
/// Each module has one conforming struct; leaf functions throw it typed.
public protocol StoaError: Error, CustomStringConvertible {
    /// The class of the failure.
    var kind: FailureKind { get }
    /// What failed, on what, expected and found: one sentence without a trailing line break.
    var message: String { get }
    /// What the reader can do about it.
    var hint: String? { get }
}

extension StoaError {
    /// The message, and the hint on a line of its own.
    public var description: String {
        guard let hint else { return message }
        return "\(message)\nhint: \(hint)"
    }
}
