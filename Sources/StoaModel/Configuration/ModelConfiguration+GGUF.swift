package import StoaTensor

extension ModelConfiguration {
    /// Reads the configuration of a GGUF file: metadata, and what only the tensors tell (vocabulary, biases, tied head).
    ///
    /// - Parameter gguf: an open file.
    /// - Throws: `WeightFileError` for a key that is missing or of another type, `ModelConfigurationError` for values that
    ///   describe no model.
    package init(gguf: GGUFFile) throws {
        let metadata = gguf.metadata
        let id = try metadata.require("general.architecture", metadata.string)
        guard let traits = ArchitectureTraits.all.first(where: { $0.id == id }) else {
            throw ModelConfigurationError(
                path: gguf.path, field: "general.architecture", problem: "\(id.quoted) is not supported",
                hint: "supported: \(ArchitectureTraits.known)")
        }
        let keys = GGUFModelKeys(metadata: metadata, prefix: id)
        let layers = try keys.require("block_count")
        let heads = try keys.require("attention.head_count")
        let width = try keys.require("embedding_length")
        guard (1...4096).contains(layers), heads > 0 else {
            throw ModelConfigurationError(
                path: gguf.path, field: "\(id).block_count",
                problem: "expected 1 to 4096 layers with at least 1 head, found \(layers) and \(heads)")
        }
        let keyLength = try keys.int("attention.key_length")
        guard keyLength != nil || width.isMultiple(of: heads) else {
            throw ModelConfigurationError(
                path: gguf.path, field: "\(id).attention.head_count",
                problem: "\(heads) heads do not divide width \(width)")
        }
        let headWidth = keyLength ?? width / heads
        if let valueWidth = try keys.int("attention.value_length"), valueWidth != headWidth {
            throw ModelConfigurationError(
                path: gguf.path, field: "\(id).attention.value_length",
                problem: "heads of keys (\(headWidth)) and values (\(valueWidth)) differ, which is not supported")
        }
        let embedding = try gguf.tensor("token_embd.weight")
        guard embedding.shape.count == 2, embedding.shape[1] == width else {
            throw ModelConfigurationError(
                path: gguf.path, field: "\(id).embedding_length",
                problem: "is \(width), but token_embd.weight has shape \(embedding.shape)")
        }
        let dimensions = try keys.int("rope.dimension_count") ?? headWidth
        self.init(
            architecture: id, layers: layers, width: width, heads: heads,
            keyValueHeads: try keys.int("attention.head_count_kv") ?? heads, headWidth: headWidth,
            feedForwardWidth: try keys.require("feed_forward_length"), vocabularySize: embedding.shape[0],
            contextLength: try keys.require("context_length"),
            rmsEpsilon: Float(
                try metadata.require("\(id).attention.layer_norm_rms_epsilon", metadata.double)),
            activation: traits.activation,
            rope: Rope(
                dimensions: dimensions, base: try keys.double("rope.freq_base") ?? 10000,
                localBase: try keys.double("rope.freq_base_swa") ?? traits.ropeLocalBase,
                scaling: try keys.ropeScaling(in: gguf)),
            slidingWindow: try keys.slidingWindow(traits: traits, layers: layers),
            attentionScale: Float(1 / Self.attentionDivisor(traits, layers, width, heads, headWidth).squareRoot()),
            embeddingScale: traits.scalesEmbedding ? Float(Double(width).squareRoot()) : 1,
            tiedHead: !gguf.hasTensor("output.weight"), queryKeyValueBias: gguf.hasTensor("blk.0.attn_q.bias"),
            attentionOutputBias: gguf.hasTensor("blk.0.attn_output.bias"), queryKeyNorm: traits.queryKeyNorm,
            postNorms: traits.postNorms,
            // Converters add gemma's 1 to the stored weights.
            normWeightOffset: 0,
            finalSoftCap: try keys.double("final_logit_softcapping").map { Float($0) },
            attentionSoftCap: try keys.double("attn_logit_softcapping").map { Float($0) },
            keysInterleaved: traits.interleavedInGGUF)
        self = try validated(path: gguf.path)
    }

    /// The square of what q·k is divided by.
    ///
    /// GGUF has no key for gemma3's `query_pre_attn_scalar`: it is the head width in every published size but the one
    /// with 62 layers (27B), where it is width / heads.
    private static func attentionDivisor(
        _ traits: ArchitectureTraits, _ layers: Int, _ width: Int, _ heads: Int, _ headWidth: Int
    ) -> Double {
        traits.id == ArchitectureTraits.gemma3.id && layers == 62 ? Double(width / heads) : Double(headWidth)
    }
}

/// The keys of one model in the metadata, without their common prefix.
private struct GGUFModelKeys {
    let metadata: GGUFMetadata
    let prefix: String

    func int(_ key: String) throws -> Int? { try metadata.int("\(prefix).\(key)") }
    func double(_ key: String) throws -> Double? { try metadata.double("\(prefix).\(key)") }
    func require(_ key: String) throws -> Int { try metadata.require("\(prefix).\(key)", metadata.int) }

    func ropeScaling(in gguf: GGUFFile) throws -> Rope.Scaling {
        if let factors = try gguf.findTensor("rope_freqs.weight") {
            guard factors.elementCount <= 1 << 14 else {
                throw ModelConfigurationError(
                    path: gguf.path, field: "rope_freqs.weight",
                    problem: "expected one factor for each pair of a head, found \(factors.elementCount)")
            }
            return .factors(factors.dequantised())
        }
        switch try metadata.string("\(prefix).rope.scaling.type") ?? "none" {
        case "none": return .none
        case "linear":
            let factor = try double("rope.scaling.factor") ?? 1
            return factor == 1 ? .none : .linear(factor: factor)
        case let other:
            throw ModelConfigurationError(
                path: gguf.path, field: "\(prefix).rope.scaling.type", problem: "\(other.quoted) is not supported",
                hint: "supported: none, linear, and llama3 through rope_freqs.weight")
        }
    }

    func slidingWindow(traits: ArchitectureTraits, layers: Int) throws -> ModelConfiguration.SlidingWindow? {
        // Only families with a pattern: converters note a window for others too (qwen2) that the models do not use.
        guard let defaultPattern = traits.localPattern, let size = try int("attention.sliding_window"), size > 0 else {
            return nil
        }
        let key = "\(prefix).attention.sliding_window_pattern"
        if let perLayer = metadata.value(key)?.arrayValue?.bools {
            return ModelConfiguration.SlidingWindow(size: size, isLocal: perLayer)
        }
        let pattern = try metadata.int(key) ?? defaultPattern
        guard pattern > 0 else { return nil }
        return ModelConfiguration.SlidingWindow(
            size: size, isLocal: ArchitectureTraits.localLayers(pattern: pattern, layers: layers))
    }
}
