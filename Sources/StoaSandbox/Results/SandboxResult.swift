/// What came of running code in the sandbox.
public struct SandboxResult: Sendable, Hashable {
    /// How the code ended.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// It ran to its end.
        case ok
        /// It raised an exception that nothing caught.
        case exception
        /// It used up its time.
        case timeout
        /// Its process ended without saying how the code fared: killed, crashed, or by `os._exit`, whatever its code.
        case terminated
        /// It wrote to the sandbox's own descriptors.
        case protocolViolation = "protocol_violation"
        /// It was not run: the session had ended before, and with it every variable.
        case sessionLost = "session_lost"
        /// It was not run: there was no room in time.
        case refused
        /// It was not run: there is no usable sandbox.
        case unavailable
    }

    /// Which limit the code ran into.
    public enum Limit: String, Sendable, Hashable, CaseIterable {
        case wall
        case softWall = "soft_wall"
        case cpu
        case memory
        case output
        case files
    }

    /// An exception that nothing caught.
    public struct Exception: Sendable, Hashable {
        /// The exception's class.
        public var type: String
        /// Its text.
        public var message: String
        /// Where it came from, as Python prints it.
        public var traceback: String

        /// Creates an exception.
        ///
        /// - Parameters:
        ///   - type: its class.
        ///   - message: its text.
        ///   - traceback: where it came from.
        public init(type: String, message: String, traceback: String) {
            self.type = type
            self.message = message
            self.traceback = traceback
        }
    }

    /// How a process ended.
    public struct Exit: Sendable, Hashable {
        /// Its exit code.
        public var code: Int?
        /// The signal that ended it.
        public var signal: Int?

        /// Creates an end; by default there is none yet.
        ///
        /// - Parameters:
        ///   - code: the exit code.
        ///   - signal: the signal.
        public init(code: Int? = nil, signal: Int? = nil) {
            self.code = code
            self.signal = signal
        }
    }

    /// Where the time went.
    public struct Timing: Sendable, Hashable {
        /// Waiting for room.
        public var queue: Duration = .zero
        /// Starting the sandbox.
        public var start: Duration = .zero
        /// Running the code.
        public var wall: Duration = .zero
        /// Processor time of the code.
        public var cpu: Duration = .zero

        /// Creates a timing of nothing.
        public init() {}
    }

    /// The session that the code ran in.
    public struct SessionState: Sendable, Hashable {
        /// Its name.
        public var id: String
        /// Which of its cells this was, from 1.
        public var cell: Int
        /// Whether it takes another.
        public var isAlive: Bool

        /// Creates a state.
        ///
        /// - Parameters:
        ///   - id: the session's name.
        ///   - cell: which cell.
        ///   - isAlive: whether it takes another.
        public init(id: String, cell: Int, isAlive: Bool) {
            self.id = id
            self.cell = cell
            self.isAlive = isAlive
        }
    }

    /// How the code ended.
    public var status: Status
    /// Which limit it ran into.
    public var limit: Limit?
    /// What it printed.
    public var stdout = OutputText()
    /// What it printed to standard error.
    public var stderr = OutputText()
    /// The `repr` of its last expression; nil where there is none, or where it is None.
    public var value: String?
    /// Whether the value is shortened.
    public var isValueTruncated = false
    /// What was given to `final_answer`, as text; nil where it was not called, or is not there.
    public var answer: String?
    /// Whether the code has made `final_answer` something else: what that is given is no answer.
    public var isAnswerReplaced = false
    /// The exception that nothing caught.
    public var exception: Exception?
    /// How the process ended; empty while it lives.
    public var exit = Exit()
    /// Where the time went.
    public var timing = Timing()
    /// The most memory that the process had resident, in KiB.
    public var peakResidentKilobytes = 0
    /// The session.
    public var session: SessionState
    /// Why it was not run, or why it was ended.
    public var reason: String?
    /// The files that were wanted and were there; not in the document.
    public var files: [String: [UInt8]] = [:]

    /// Creates a result.
    ///
    /// - Parameters:
    ///   - status: how the code ended.
    ///   - session: the session that it ran in.
    public init(status: Status, session: SessionState) {
        self.status = status
        self.session = session
    }

    /// Whether the code ran to its end.
    public var isOK: Bool { status == .ok }
}
