public import StoaCore

/// A weight file or model folder that cannot be used as it is.
public struct WeightFileError: StoaError, Hashable {
    /// The sort of offence.
    ///
    /// New codes may appear.
    public struct Code: Sendable, Hashable {
        private let name: String

        /// The file or folder cannot be opened, is empty, or is not what it should be.
        public static let unreadable = Code(name: "unreadable")
        /// The bytes contradict the format.
        public static let malformed = Code(name: "malformed")
        /// The file is sound and asks for something that this engine does not do.
        public static let unsupported = Code(name: "unsupported")
        /// Something that must be there is not.
        public static let missing = Code(name: "missing")
        /// Something is there with another shape or type than expected.
        public static let mismatch = Code(name: "mismatch")
    }

    /// The sort of offence.
    public let code: Code
    /// The file or folder, as it was named.
    public let path: String
    /// What failed, for example `GGUF tensor "blk.3.attn_q.weight"`.
    public let subject: String
    /// Why: expected and found.
    public let problem: String
    /// What the reader can do about it.
    public let hint: String?

    package init(_ code: Code, path: String, subject: String, problem: String, hint: String? = nil) {
        self.code = code
        self.path = path
        self.subject = subject
        self.problem = problem
        self.hint = hint
    }

    /// Always bad input.
    public var kind: FailureKind { .badInput }
    /// Subject, problem and path.
    public var message: String { "\(subject): \(problem) (\(path))" }
}

extension String {
    /// The text in quotes, control characters escaped and long text cut: names in hostile files stay printable.
    package var quoted: String {
        var text = "\""
        for (index, scalar) in unicodeScalars.enumerated() {
            if index == 120 {
                text += "…"
                break
            }
            switch scalar {
            case "\"", "\\":
                text += "\\"
                text.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
