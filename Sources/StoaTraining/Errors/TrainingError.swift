public import StoaCore

/// What can go wrong between a base model and a trained adapter.
public struct TrainingError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// The base model has a shape that training does not do.
        public static let unusableModel = Code(description: "unusable_model")
        /// Settings contradict each other or the model.
        public static let invalidConfiguration = Code(description: "invalid_configuration")
        /// A sequence or a batch cannot be trained on.
        public static let invalidBatch = Code(description: "invalid_batch")
        /// A file of examples has a line that is none.
        public static let invalidData = Code(description: "invalid_data")
        /// An adapter belongs to another model or has another shape.
        public static let adapterMismatch = Code(description: "adapter_mismatch")
        /// A checkpoint is damaged, or of another run.
        public static let checkpointMismatch = Code(description: "checkpoint_mismatch")
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
