public import StoaCore

/// What can go wrong between an adapter's file and a model that answers with it.
public struct AdapterError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// Rank, scale or targets are out of their range.
        public static let invalidConfiguration = Code(description: "invalid_adapter_configuration")
        /// An adapter belongs to another model, has another shape, or is of a sort that is not supported.
        public static let adapterMismatch = Code(description: "adapter_mismatch")
        /// No adapter of that reference is in the library, or there is no library.
        public static let adapterMissing = Code(description: "adapter_missing")
        /// A stored adapter does not have the content that its address states.
        public static let adapterDamaged = Code(description: "adapter_damaged")
        /// An adapter cannot be stored.
        public static let unwritable = Code(description: "adapter_unwritable")
    }

    /// The precise failure.
    public let code: Code
    /// The class of the failure.
    public let kind: FailureKind
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?

    init(_ code: Code, kind: FailureKind = .badInput, _ message: String, hint: String? = nil) {
        self.code = code
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}
