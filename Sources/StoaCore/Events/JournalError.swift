/// What goes wrong with a journal, whatever keeps it.
public struct JournalError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// Creates a code.
        ///
        /// - Parameter description: the code as a word.
        public init(description: String) { self.description = description }

        /// There is no such run.
        public static let unknownRun = Code(description: "unknown_run")
        /// A prefix that several runs share.
        public static let ambiguousRun = Code(description: "ambiguous_run")
        /// A run, or an event of it, that exists already.
        public static let duplicate = Code(description: "duplicate")
        /// Another live process works on the run.
        public static let owned = Code(description: "owned")
        /// There is no such event.
        public static let unknownEvent = Code(description: "unknown_event")
        /// Content that is referred to and not there.
        public static let missingBlob = Code(description: "missing_blob")
        /// A file that is something else.
        public static let notAJournal = Code(description: "not_a_journal")
        /// An event that could not be read back: a key that does not survive its text form, nesting without end.
        public static let invalidEvent = Code(description: "invalid_event")
        /// What is stored is not what was written.
        public static let damaged = Code(description: "damaged")
        /// A journal of a version that this program does not know.
        public static let unknownVersion = Code(description: "unknown_version")
        /// Another process holds the journal for too long.
        public static let locked = Code(description: "locked")
        /// The disk is full or the file cannot be written.
        public static let unwritable = Code(description: "unwritable")
        /// A document that is no export of a journal.
        public static let invalidImport = Code(description: "invalid_import")
    }

    /// The precise failure.
    public let code: Code
    /// The class of the failure.
    public let kind: FailureKind
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: the precise failure.
    ///   - kind: the class of the failure.
    ///   - message: what failed, on what, expected and found.
    ///   - hint: what to do next.
    public init(_ code: Code, kind: FailureKind = .failure, _ message: String, hint: String? = nil) {
        self.code = code
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}

extension JournalError {
    /// A run that is not in the journal.
    public static func unknownRun(_ name: String) -> JournalError {
        JournalError(
            .unknownRun, kind: .usage, "run \(name): not in the journal", hint: "stoa log list shows the runs there are"
        )
    }

    /// A run that another live process works on.
    public static func owned(_ run: RunID, by process: Int) -> JournalError {
        JournalError(
            .owned, "run \(run): process \(process) is working on it", hint: "wait for it to end, or stop that process")
    }

    /// An event that is in its run already.
    public static func duplicate(_ key: String, in run: RunID) -> JournalError {
        JournalError(
            .duplicate, "run \(run): event \(key) is in the journal already",
            hint: "a key names one event of a run; two processes may be working on the same run")
    }

    /// A run that is in the journal already.
    public static func duplicate(_ run: RunID) -> JournalError {
        JournalError(.duplicate, "run \(run): in the journal already", hint: "give the new run an id of its own")
    }

    /// An event of a run that is not in the journal.
    public static func unknownEvent(_ sequence: Int, in run: RunID, last: Int) -> JournalError {
        JournalError(
            .unknownEvent, kind: .usage, "run \(run): no event \(sequence), its events are 1 to \(last)",
            hint: "stoa log show \(run) lists them")
    }

    /// Content that an event refers to and that is not in the journal.
    public static func missingBlob(_ digest: SHA256Digest) -> JournalError {
        JournalError(
            .missingBlob, kind: .divergence, "content \(digest): not in the journal",
            hint: "stoa log verify names the events that refer to it")
    }

    /// Content whose bytes do not have its digest.
    public static func damagedBlob(_ digest: SHA256Digest, found: SHA256Digest) -> JournalError {
        JournalError(
            .damaged, kind: .divergence, "content \(digest): damaged, the stored bytes have the digest \(found)",
            hint: "stoa log verify names the events that refer to it")
    }
}
