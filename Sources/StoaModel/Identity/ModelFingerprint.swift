public import StoaCore

/// What must be equal for two computations to share hidden states, keys and values.
///
/// Two engines with equal fingerprints that run on the same kernel path produce the same bits.
public struct ModelFingerprint: Sendable, Hashable, Codable, CustomStringConvertible {
    /// SHA-256 of the weights and of what configures them.
    public var weights: String
    /// SHA-256 of the vocabulary, its merges and its special tokens.
    public var tokenizer: String
    /// SHA-256 of the adapter in use; nil for none.
    public var adapter: String?
    /// `exact` or `fast`.
    public var precision: Precision
    /// The layers that are visited, in order; nil for each layer once.
    public var layerProgram: [Int]?

    /// Creates a fingerprint of its parts.
    public init(
        weights: String, tokenizer: String, adapter: String? = nil, precision: Precision, layerProgram: [Int]? = nil
    ) {
        self.weights = weights
        self.tokenizer = tokenizer
        self.adapter = adapter
        self.precision = precision
        self.layerProgram = layerProgram
    }

    /// SHA-256 over all parts.
    public var digest: SHA256Digest {
        let program: JSONValue = layerProgram.map { .array($0.map { .integer(Int64($0)) }) } ?? .null
        let parts: JSONValue = [
            "weights": .string(weights), "tokenizer": .string(tokenizer),
            "adapter": adapter.map { .string($0) } ?? .null, "precision": .string(precision.rawValue),
            "program": program,
        ]
        return SHA256Digest(hashing: parts.canonicalText.utf8)
    }

    /// The first 16 digits of the digest.
    public var description: String { String(digest.description.prefix(16)) }

    /// The names of the parts in which another fingerprint differs.
    ///
    /// - Parameter other: the fingerprint to compare with.
    /// - Returns: names for a message, in a fixed order.
    public func differences(from other: ModelFingerprint) -> [String] {
        var names: [String] = []
        if weights != other.weights { names.append("weights") }
        if tokenizer != other.tokenizer { names.append("tokenizer") }
        if adapter != other.adapter { names.append("adapter") }
        if precision != other.precision { names.append("precision") }
        if layerProgram != other.layerProgram { names.append("layer program") }
        return names
    }
}

/// How matrix products are computed.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// 32-bit activations on dequantised weights, 32-bit cache: the reference.
    case exact
    /// 8-bit activations in groups of 32, integer dot products, 16-bit cache.
    case fast
}
