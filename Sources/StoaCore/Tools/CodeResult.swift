internal import OrderedCollections

/// What came of running a piece of code, as far as it is the same every time: the value of the tools that run code.
///
/// The journal keeps it; how long it took and how much memory it needed is observed beside it.
public struct CodeResult: Sendable, Hashable {
    /// What the code raised.
    public struct Exception: Sendable, Hashable {
        /// The class's name.
        public var type: String
        /// What it says.
        public var message: String
        /// The traceback, the code's own frames only.
        public var traceback: String

        /// Creates an exception.
        ///
        /// - Parameters:
        ///   - type: the class's name.
        ///   - message: what it says.
        ///   - traceback: the traceback.
        public init(type: String, message: String, traceback: String = "") {
            self.type = type
            self.message = message
            self.traceback = traceback
        }
    }

    /// How it ended: a status of the sandbox's result object (`ok`, `exception`, `timeout`, …).
    public var status: String
    /// The limit that ended it; nil where none did.
    public var limit: String?
    /// What it printed.
    public var stdout: String
    /// What it printed as errors.
    public var stderr: String
    /// How the last expression's value is written; nil where there is none.
    public var value: String?
    /// What it raised.
    public var exception: Exception?
    /// What it gave to `final_answer`, as text; nil where it did not call it.
    public var answer: String?

    /// Creates a result.
    ///
    /// - Parameters:
    ///   - status: how it ended.
    ///   - limit: the limit that ended it.
    ///   - stdout: what it printed.
    ///   - stderr: what it printed as errors.
    ///   - value: how the last expression's value is written.
    ///   - exception: what it raised.
    ///   - answer: what it gave to `final_answer`.
    public init(
        status: String = "ok", limit: String? = nil, stdout: String = "", stderr: String = "", value: String? = nil,
        exception: Exception? = nil, answer: String? = nil
    ) {
        self.status = status
        self.limit = limit
        self.stdout = stdout
        self.stderr = stderr
        self.value = value
        self.exception = exception
        self.answer = answer
    }

    /// Whether the code ran to its end.
    public var isOK: Bool { status == "ok" }

    /// `{status, limit, stdout, stderr, value, exception, answer}`.
    public var document: JSONValue {
        [
            "status": .string(status), "limit": limit.map { .string($0) } ?? .null, "stdout": .string(stdout),
            "stderr": .string(stderr), "value": value.map { .string($0) } ?? .null,
            "exception": exception.map {
                [
                    "type": .string($0.type), "message": .string($0.message), "traceback": .string($0.traceback),
                ]
            } ?? .null,
            "answer": answer.map { .string($0) } ?? .null,
        ]
    }

    /// Reads the document; nil for anything else.
    ///
    /// - Parameter document: the document.
    public init?(document: JSONValue) {
        guard let status = document["status"]?.stringValue, let stdout = document["stdout"]?.stringValue,
            let stderr = document["stderr"]?.stringValue
        else { return nil }
        self.init(
            status: status, limit: document["limit"]?.stringValue, stdout: stdout, stderr: stderr,
            value: document["value"]?.stringValue,
            exception: document["exception"].flatMap {
                guard let type = $0["type"]?.stringValue, let message = $0["message"]?.stringValue else { return nil }
                return Exception(type: type, message: message, traceback: $0["traceback"]?.stringValue ?? "")
            },
            answer: document["answer"]?.stringValue)
    }
}
