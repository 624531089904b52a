public import StoaCore

/// What can go wrong between a weights file and a token.
public struct ModelError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// The weights or the configuration cannot be used.
        public static let unusableModel = Code(description: "unusable_model")
        /// A cache or a message belongs to another model, tokenizer, adapter or precision.
        public static let fingerprintMismatch = Code(description: "fingerprint_mismatch")
        /// An operation on a cache does not fit its rows.
        public static let cacheShape = Code(description: "cache_shape")
        /// Stored cache bytes are damaged or of another format.
        public static let cacheFormat = Code(description: "cache_format")
        /// The memory set aside for caches is used up.
        public static let cacheFull = Code(description: "cache_full")
        /// The input does not fit the model's context.
        public static let contextExceeded = Code(description: "context_exceeded")
        /// A request asks for what the model cannot do.
        public static let invalidRequest = Code(description: "invalid_request")
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
    package init(_ code: Code, kind: FailureKind = .failure, _ message: String, hint: String? = nil) {
        self.code = code
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}

extension ModelError {
    static func cacheShape(_ message: String) -> ModelError { ModelError(.cacheShape, "KV cache: \(message)") }

    static func cacheFormat(_ message: String) -> ModelError {
        ModelError(.cacheFormat, kind: .badInput, "stored KV cache: \(message)")
    }

    static func fingerprintMismatch(expected: ModelFingerprint, found: ModelFingerprint) -> ModelError {
        let differing = expected.differences(from: found).joined(separator: ", ")
        return ModelError(
            .fingerprintMismatch, kind: .badInput,
            "KV cache made by model \(found) cannot be read by model \(expected): different \(differing)",
            hint: "compute the cache again with this model, or exchange text between different models")
    }

    static func invalidRequest(_ message: String, hint: String? = nil) -> ModelError {
        ModelError(.invalidRequest, kind: .usage, message, hint: hint)
    }

    static func contextExceeded(needed: Int, available: Int) -> ModelError {
        ModelError(
            .contextExceeded, kind: .badInput,
            "input needs \(needed) positions, the model has \(available)",
            hint: "shorten the input, drop cached rows, or use a model with a longer context")
    }

    static func cacheFull(limitBytes: Int) -> ModelError {
        ModelError(
            .cacheFull,
            "KV memory is full: all \(limitBytes >> 20) MiB are in use by running sequences",
            hint: "run fewer sequences at a time, or allow more memory with --kv-memory")
    }
}
