/// What a run records of a model, so that a replay can tell whether it has the same one.
public struct ModelIdentity: Sendable, Hashable {
    /// Where a model runs, which decides what a replay can do with it.
    public enum Provider: String, Sendable, Hashable, Codable {
        /// In this process: calls can be computed again, bit for bit.
        case engine
        /// Behind a network interface: calls cannot be computed again.
        case remote
        /// In a test: replies come from a script.
        case scripted
    }

    /// The name it was asked for by.
    public var name: String
    /// Where it runs.
    public var provider: Provider
    /// What must be equal for two models to give the same results: a digest for an engine's, an address and a name for
    /// a remote one.
    public var fingerprint: String
    /// The kernels an engine's model runs on, such as `avx512`; nil for others.
    public var kernelPath: String?
    /// The positions it has room for; nil where that is not known.
    public var contextLength: Int?

    /// Creates an identity.
    public init(
        name: String, provider: Provider, fingerprint: String, kernelPath: String? = nil, contextLength: Int? = nil
    ) {
        self.name = name
        self.provider = provider
        self.fingerprint = fingerprint
        self.kernelPath = kernelPath
        self.contextLength = contextLength
    }

    /// `{name, provider, fingerprint, kernel_path, context_length}`.
    public var document: JSONValue {
        [
            "name": .string(name), "provider": .string(provider.rawValue), "fingerprint": .string(fingerprint),
            "kernel_path": kernelPath.map { .string($0) } ?? .null,
            "context_length": contextLength.map { .integer(Int64($0)) } ?? .null,
        ]
    }

    /// Reads the document; nil for anything else.
    public init?(document: JSONValue) {
        guard let name = document["name"]?.stringValue, let fingerprint = document["fingerprint"]?.stringValue,
            let provider = document["provider"]?.stringValue.flatMap(Provider.init(rawValue:))
        else { return nil }
        self.init(
            name: name, provider: provider, fingerprint: fingerprint,
            kernelPath: document["kernel_path"]?.stringValue, contextLength: document["context_length"]?.intValue)
    }
}
