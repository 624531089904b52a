package import StoaCore

/// The exit codes of the command-line contract.
///
/// Scripts rely on them: they never change.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// All went well.
    case success = 0
    /// Anything without a code of its own.
    case failure = 1
    /// A check found differences.
    case different = 2
    /// A replay diverged, or a journal chain is broken.
    case divergence = 3
    /// A budget was used up before there was an answer.
    case budget = 4
    /// A tool call waits for a person.
    case approval = 5
    /// No usable sandbox.
    case noSandbox = 6
    /// A model backend cannot be reached.
    case unreachable = 7
    /// The command line is wrong.
    case usage = 64
    /// A file, a model or a document cannot be accepted.
    case badInput = 65
    /// Time ran out.
    case timeout = 124
    /// Interrupted by a signal.
    case interrupted = 130
}

extension ExitStatus {
    /// The code for a class of failure.
    package init(_ kind: FailureKind) {
        self =
            switch kind {
            case .failure: .failure
            case .usage: .usage
            case .badInput: .badInput
            case .budget: .budget
            case .unreachable: .unreachable
            case .timeout: .timeout
            case .divergence: .divergence
            case .noSandbox: .noSandbox
            }
    }
}

/// Ends a command that has already said everything it has to say.
///
/// A command throws it where its result is not a success and yet no error: differences found, a limit reached.
package struct EndWith: Error, Hashable {
    /// The code to end with.
    package let status: ExitStatus

    /// Creates an ending.
    package init(_ status: ExitStatus) { self.status = status }
}
