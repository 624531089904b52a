internal import StoaCore
internal import StoaTensor

/// What a model is, as far as it can be said without running it.
public struct ModelInformation: Sendable, Hashable {
    /// How tensors of one kind are stored.
    public struct Storage: Sendable, Hashable {
        /// What the tensors are for, for example `query` or `token embedding`.
        public var kind: String
        /// How they are stored, for example `Q4_1`.
        public var type: String
        /// How many tensors there are.
        public var tensors: Int
        /// Their bytes in the file.
        public var bytes: Int
    }

    /// The file or folder.
    public var path: String
    /// Bytes of all weight files.
    public var fileBytes: Int
    /// The architecture's id.
    public var architecture: String
    /// Numbers in all tensors.
    public var parameters: Int
    /// The most positions that the model was made for.
    public var contextLength: Int
    /// Decoder layers.
    public var layers: Int
    /// Width of the residual stream.
    public var width: Int
    /// Query heads.
    public var heads: Int
    /// Key and value heads.
    public var keyValueHeads: Int
    /// Width of a head.
    public var headWidth: Int
    /// Tokens of the vocabulary.
    public var vocabularySize: Int
    /// Storage by kind of tensor, in the order of use.
    public var storage: [Storage]
    /// The identity of the model for exchanging caches.
    public var fingerprint: ModelFingerprint
}

extension ModelInformation {
    /// Reads what there is to say from stored weights.
    init(_ weights: ModelWeights, fingerprint: ModelFingerprint) throws {
        let shape = weights.configuration
        var storage: [Storage] = []
        var parameters = 0
        for role in weights.roles {
            let tensor = try weights.tensor(role)
            parameters += tensor.elementCount
            let type = tensor.elementType.name
            if let index = storage.firstIndex(where: { $0.kind == role.kind && $0.type == type }) {
                storage[index].tensors += 1
                storage[index].bytes += tensor.bytes.count
            } else {
                storage.append(Storage(kind: role.kind, type: type, tensors: 1, bytes: tensor.bytes.count))
            }
        }
        self.init(
            path: weights.source.path, fileBytes: weights.source.files.reduce(0) { $0 + $1.count },
            architecture: shape.architecture, parameters: parameters, contextLength: shape.contextLength,
            layers: shape.layers, width: shape.width, heads: shape.heads, keyValueHeads: shape.keyValueHeads,
            headWidth: shape.headWidth, vocabularySize: shape.vocabularySize, storage: storage, fingerprint: fingerprint
        )
    }
}

extension TensorRole {
    /// What the tensor is for, the same for every layer.
    fileprivate var kind: String {
        switch self {
        case .tokenEmbedding: "token embedding"
        case .outputHead: "output head"
        case .finalNorm: "final norm"
        case .layer(_, let tensor): tensor.rawValue
        }
    }
}
