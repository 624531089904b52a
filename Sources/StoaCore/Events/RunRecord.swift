/// How far a run is.
public enum RunStatus: String, Sendable, Hashable, Codable, CaseIterable {
    /// A process works on it, or did until it was killed: `RunRecord.owner` tells.
    case running
    /// It ended with an answer.
    case completed
    /// A budget ended it; it may have an answer all the same.
    case limit
    /// It ended with an error.
    case failed
    /// It was given up on purpose.
    case cancelled
    /// It waits for a person's decision.
    case approvalRequired = "approval_required"
    /// It was stopped on the way and can be resumed.
    case interrupted

    /// Whether nothing can follow.
    public var isFinal: Bool {
        switch self {
        case .completed, .limit, .failed, .cancelled: true
        case .running, .approvalRequired, .interrupted: false
        }
    }
}

/// A process, so that another can tell whether it is still alive.
///
/// The three parts together name a process for ever: numbers of processes are used again, but not with the same start
/// time in the same boot of the machine.
public struct ProcessIdentity: Sendable, Hashable, Codable {
    /// The number of the process.
    public var process: Int
    /// When it was started, in the system's ticks since boot.
    public var startTicks: UInt64
    /// The boot of the machine.
    public var boot: String

    /// Creates an identity.
    ///
    /// - Parameters:
    ///   - process: the number of the process.
    ///   - startTicks: when it was started, in ticks since boot.
    ///   - boot: the boot of the machine.
    public init(process: Int, startTicks: UInt64, boot: String) {
        self.process = process
        self.startTicks = startTicks
        self.boot = boot
    }
}

/// What a journal knows of a run besides its events.
public struct RunRecord: Sendable, Hashable {
    /// Where a fork left its parent.
    public struct Fork: Sendable, Hashable, Codable {
        /// The run it was branched from.
        public var run: RunID
        /// The last event that both have.
        public var sequence: Int

        /// Creates a fork's origin.
        ///
        /// - Parameters:
        ///   - run: the run it was branched from.
        ///   - sequence: the last event that both have.
        public init(run: RunID, sequence: Int) {
            self.run = run
            self.sequence = sequence
        }
    }

    /// Its name.
    public var id: RunID
    /// The name of its playbook.
    public var playbook: String
    /// When it began.
    public var started: WallTime
    /// Where it was branched from; nil for a run of its own.
    public var parent: Fork?
    /// How far it is.
    public var status: RunStatus
    /// Its answer, once it has one.
    public var answer: String?
    /// The process that works on it; nil where none does.
    public var owner: ProcessIdentity?

    /// Creates a record.
    public init(
        id: RunID, playbook: String, started: WallTime, parent: Fork? = nil, status: RunStatus = .running,
        answer: String? = nil, owner: ProcessIdentity? = nil
    ) {
        self.id = id
        self.playbook = playbook
        self.started = started
        self.parent = parent
        self.status = status
        self.answer = answer
        self.owner = owner
    }
}

extension RunRecord {
    /// How the `playbook` of a record begins that keeps an evaluation, which is a list of runs and no run of a playbook.
    public static let evaluationPrefix = "eval:"

    /// Whether it keeps an evaluation.
    public var isEvaluation: Bool { playbook.hasPrefix(Self.evaluationPrefix) }
}
