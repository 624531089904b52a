package import StoaTensor

/// The weights of one model, asked for by role: names, shapes and row order of either format are settled here.
package struct ModelWeights: Sendable {
    /// The file or folder.
    package let source: any WeightSource
    package let configuration: ModelConfiguration
    /// What stands before the decoder's names in Hugging Face files; nil for GGUF.
    private let huggingFacePrefix: String?

    /// The weights of a GGUF file, with the configuration that it carries.
    ///
    /// - Parameter gguf: an open file.
    /// - Throws: `WeightFileError` and `ModelConfigurationError`.
    package init(gguf: GGUFFile) throws {
        source = gguf
        configuration = try ModelConfiguration(gguf: gguf)
        huggingFacePrefix = nil
    }

    /// The weights of a Hugging Face folder, with the configuration beside them.
    ///
    /// - Parameter folder: an open folder.
    /// - Throws: `WeightFileError` and `ModelConfigurationError`.
    package init(huggingFace folder: HuggingFaceFolder) throws {
        source = folder
        configuration = try ModelConfiguration(huggingFace: folder)
        // Multimodal models put the decoder's names behind longer prefixes.
        let prefixes = ["model.", "language_model.model.", "model.language_model."]
        huggingFacePrefix = prefixes.first { folder.hasTensor("\($0)embed_tokens.weight") } ?? prefixes[0]
    }

    /// Opens a GGUF file or a Hugging Face folder, whichever the path is.
    ///
    /// - Parameter path: a file or a folder.
    /// - Throws: `WeightFileError` and `ModelConfigurationError`.
    package init(path: String) throws {
        if MappedFile.isFolder(path) {
            try self.init(huggingFace: try HuggingFaceFolder(path: path))
        } else {
            try self.init(gguf: try GGUFFile(path: path))
        }
    }

    /// What the file calls a tensor.
    package func name(_ role: TensorRole) -> String {
        guard let huggingFacePrefix else { return role.ggufName }
        return role.huggingFaceName(postNorms: configuration.postNorms, prefix: huggingFacePrefix)
    }

    /// The tensor of a role, its shape checked.
    ///
    /// The output head of a tied model is the embedding.
    ///
    /// - Parameter role: one of `roles`, or `.outputHead`.
    /// - Returns: a view of the stored tensor, rows as stored: see `rowPermutation`.
    /// - Throws: `WeightFileError` where it is missing or has another shape.
    package func tensor(_ role: TensorRole) throws(WeightFileError) -> WeightTensor {
        let role = role == .outputHead && configuration.tiedHead ? .tokenEmbedding : role
        let tensor = try source.tensor(name(role))
        try tensor.requireShape(expectedShape(role))
        return tensor
    }

    /// Which stored row each row of q and k (weights and biases) must be read from; nil for all others and where the
    /// stored order is already the kernels'.
    package func rowPermutation(_ role: TensorRole) -> [UInt32]? {
        guard case .layer(_, let tensor) = role else { return nil }
        switch tensor {
        case .query, .queryBias: return configuration.rowPermutation(heads: configuration.heads)
        case .key, .keyBias: return configuration.rowPermutation(heads: configuration.keyValueHeads)
        default: return nil
        }
    }

    /// Shape of a tensor by its role, rows first.
    package func expectedShape(_ role: TensorRole) -> [Int] {
        let configuration = configuration
        switch role {
        case .tokenEmbedding, .outputHead: return [configuration.vocabularySize, configuration.width]
        case .finalNorm: return [configuration.width]
        case .layer(_, let tensor):
            switch tensor {
            case .attentionNorm, .postAttentionNorm, .feedForwardNorm, .postFeedForwardNorm, .attentionOutputBias:
                return [configuration.width]
            case .query: return [configuration.queryWidth, configuration.width]
            case .key, .value: return [configuration.keyWidth, configuration.width]
            case .attentionOutput: return [configuration.width, configuration.queryWidth]
            case .queryBias: return [configuration.queryWidth]
            case .keyBias, .valueBias: return [configuration.keyWidth]
            case .queryNorm, .keyNorm: return [configuration.headWidth]
            case .gate, .up: return [configuration.feedForwardWidth, configuration.width]
            case .down: return [configuration.width, configuration.feedForwardWidth]
            }
        }
    }

    /// The tensors that a layer has, in the order in which they are used.
    package func roles(layer: Int) -> [TensorRole] {
        TensorRole.LayerTensor.allCases.filter { tensor in
            switch tensor {
            case .queryBias, .keyBias, .valueBias: configuration.queryKeyValueBias
            case .attentionOutputBias: configuration.attentionOutputBias
            case .queryNorm, .keyNorm: configuration.queryKeyNorm
            case .postAttentionNorm, .postFeedForwardNorm: configuration.postNorms
            default: true
            }
        }
        .map { .layer(layer, $0) }
    }

    /// All tensors of the model; a tied head is listed once, as the embedding.
    package var roles: [TensorRole] {
        [.tokenEmbedding] + (0..<configuration.layers).flatMap { roles(layer: $0) } + [.finalNorm]
            + (configuration.tiedHead ? [] : [.outputHead])
    }
}
