import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

@Suite struct `Model configurations` {
    private func configuration(json: String) throws -> ModelConfiguration {
        let folder = try TinyModel.Written().folder(configuration: json)
        defer { withExtendedLifetime(folder) {} }
        return try ModelConfiguration(huggingFace: try HuggingFaceFolder(path: folder.path))
    }

    private func message(json: String) throws -> String {
        try #require(thrown(ModelConfigurationError.self) { _ = try configuration(json: json) }).problemWithField
    }

    private func message(_ key: String, _ value: GGUFWriter.Value?) throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.gguf", try TinyModel.Written().gguf { $0[key] = value })
        do {
            _ = try ModelConfiguration(gguf: try GGUFFile(path: path))
        } catch {
            let error = try #require(error as? any StoaError)
            return error.message.replacing(" (\(path))", with: "")
        }
        Issue.record("\(key) was accepted")
        return ""
    }

    @Test
    func `both formats give the same configuration and the same weights`() throws {
        let model = TinyModel.Written()
        let folder = try model.folder()
        let path = try folder.write("a.gguf", try model.gguf())
        let gguf = try ModelWeights(path: path)
        let huggingFace = try ModelWeights(path: folder.path)
        var expected = huggingFace.configuration
        #expect(!expected.keysInterleaved)
        expected.keysInterleaved = true
        #expect(gguf.configuration == expected)
        #expect(gguf.roles == huggingFace.roles)
        #expect(Set(gguf.roles) == Set(model.tensors().map(\.role)))
        for tensor in model.tensors() {
            #expect(try gguf.ordered(tensor.role) == tensor.floats)
            #expect(try huggingFace.ordered(tensor.role) == tensor.floats)
        }
    }

    @Test
    func `a tensor of the wrong shape or none is named`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "a.gguf", try TinyModel.Written().gguf { $0["llama.attention.head_count_kv"] = .uint32(4) })
        let weights = try ModelWeights(path: path)
        #expect(
            thrown(WeightFileError.self) { _ = try weights.tensor(.layer(1, .key)) }?.message
                == "GGUF tensor \"blk.1.attn_k.weight\": expected shape [16, 12], file has [8, 12] (\(path))")
        #expect(
            thrown(WeightFileError.self) { _ = try weights.tensor(.layer(2, .query)) }?.message
                == "GGUF tensor \"blk.2.attn_q.weight\": not found among 21 tensors (\(path))")
    }

    @Test
    func `a permutation is one and leaves elements that are not rotated`() throws {
        var configuration = ModelConfiguration(
            architecture: "llama", layers: 1, width: 16, heads: 2, keyValueHeads: 1, headWidth: 8,
            feedForwardWidth: 8, vocabularySize: 8, contextLength: 8)
        #expect(configuration.rowPermutation(heads: 2) == nil)
        configuration.keysInterleaved = true
        #expect(configuration.rowPermutation(heads: 1) == [0, 2, 4, 6, 1, 3, 5, 7])
        configuration.rope.dimensions = 4
        #expect(configuration.rowPermutation(heads: 2) == [0, 2, 1, 3, 4, 5, 6, 7, 8, 10, 9, 11, 12, 13, 14, 15])
    }

    @Test
    func `hostile GGUF values are refused with their name`() throws {
        let u32 = { (value: UInt32) in GGUFWriter.Value.uint32(value) }
        #expect(
            try message("general.architecture", .string("mamba"))
                == "model configuration general.architecture: \"mamba\" is not supported")
        #expect(try message("general.architecture", nil) == "GGUF metadata \"general.architecture\": not found")
        #expect(
            try message("llama.block_count", u32(0))
                == "model configuration llama.block_count: expected 1 to 4096 layers with at least 1 head, found 0 and 4"
        )
        #expect(
            try message("llama.attention.head_count", u32(1_000_000_000))
                == "model configuration attention heads: expected 1 to 16384, found 1000000000")
        #expect(
            try message("llama.attention.head_count", .uint64(.max))
                == "GGUF metadata \"llama.attention.head_count\": expected an integer, found 18446744073709551615")
        #expect(
            try message("llama.attention.head_count_kv", u32(3))
                == "model configuration attention heads: 4 are no multiple of 3 key-value heads")
        #expect(
            try message("llama.attention.head_count_kv", u32(0))
                == "model configuration key-value heads: expected 1 to 4, found 0")
        #expect(
            try message("llama.attention.key_length", u32(5))
                == "model configuration head width: expected an even number, found 5")
        #expect(
            try message("llama.attention.value_length", u32(8))
                == "model configuration llama.attention.value_length: heads of keys (4) and values (8) differ, "
                + "which is not supported")
        #expect(
            try message("llama.context_length", u32(0))
                == "model configuration context length: expected 1 to 1073741824, found 0")
        #expect(
            try message("llama.embedding_length", u32(16))
                == "model configuration llama.embedding_length: is 16, but token_embd.weight has shape [10, 12]")
        #expect(
            try message("llama.attention.layer_norm_rms_epsilon", .float32(.nan))
                == "model configuration norm epsilon: expected a number between 0 and 1, found nan")
        #expect(
            try message("llama.rope.dimension_count", u32(6))
                == "model configuration rotary dimensions: expected an even number up to the head width 4, found 6")
        #expect(
            try message("llama.rope.freq_base", .float32(0))
                == "model configuration rotary base: expected a number from 1 on, found 0.0")
        #expect(
            try message("llama.rope.scaling.type", .string("yarn"))
                == "model configuration llama.rope.scaling.type: \"yarn\" is not supported")
    }

    @Test
    func `hostile config files are refused with their field`() throws {
        func changed(_ from: String, _ to: String) throws -> String {
            try #require(TinyModel.Written.configuration.contains(from))
            return try message(json: TinyModel.Written.configuration.replacing(from, with: to))
        }
        #expect(try message(json: "{}") == "model_type: expected a string, found none")
        #expect(try message(json: #"{"model_type": "gpt2"}"#) == "model_type: \"gpt2\" is not supported")
        #expect(
            try changed("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1e9")
                == "num_hidden_layers: expected 1 to 4096, found 1000000000")
        #expect(
            try changed("\"hidden_size\": 12", "\"hidden_size\": [12]")
                == "hidden_size: expected an integer, found an array")
        #expect(
            try changed("\"vocab_size\": 10", "\"vocab_size\": null") == "vocab_size: expected an integer, found none")
        #expect(
            try changed("\"head_dim\": 4", "\"head_dim\": 3") == "head width: expected an even number, found 3")
        #expect(
            try changed("\"head_dim\": 4,", "\"num_attention_heads\": 5,")
                == "num_attention_heads: 5 heads do not divide width 12")
        #expect(try changed("\"silu\"", "\"relu\"") == "hidden_act: \"relu\" is not supported")
        #expect(
            try changed("\"rope_theta\": 10000.0", #""rope_scaling": {"type": "yarn", "factor": 4}"#)
                == "rope_scaling.rope_type: \"yarn\" is not supported")
        #expect(
            try changed("\"rope_theta\": 10000.0", #""rope_scaling": {"type": "linear"}"#)
                == "rope_scaling.factor: expected a number, found none")
    }

    @Test
    func `both generations of gemma configurations mean the same`() throws {
        let common = #"""
            "num_hidden_layers": 7, "hidden_size": 640, "num_attention_heads": 4, "num_key_value_heads": 1,
            "intermediate_size": 2048, "vocab_size": 262144, "max_position_embeddings": 32768, "sliding_window": 512
            """#
        let older = try configuration(
            json: #"{"model_type": "gemma3_text", \#(common), "rope_theta": 1000000.0, "rope_local_base_freq": 5000,"#
                + #" "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window_pattern": 3}"#)
        let types = (1...7).map { $0 % 3 == 0 ? "\"full_attention\"" : "\"sliding_attention\"" }.joined(separator: ",")
        let newer = try configuration(
            json: #"{"model_type": "gemma3_text", \#(common), "layer_types": [\#(types)], "rope_parameters": "#
                + #"{"full_attention": {"rope_type": "linear", "factor": 8, "rope_theta": 1e6}, "#
                + #""sliding_attention": {"rope_type": "default", "rope_theta": 5000}}}"#)
        let nested = try configuration(
            json: #"{"model_type": "gemma3", "text_config": {\#(common), "rope_theta": 1000000.0, "#
                + #""rope_local_base_freq": 5000, "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "#
                + #""sliding_window_pattern": 3}}"#)
        #expect(older == newer)
        #expect(older == nested)
        #expect((0..<7).map { older.window(layer: $0) } == [512, 512, 0, 512, 512, 0, 512])
        #expect(older.normWeightOffset == 1)
        #expect(older.headWidth == 256 && older.attentionScale == 0.0625 && older.rmsEpsilon == 1e-6)
        #expect(older.tiedHead && older.postNorms && older.queryKeyNorm)
        #expect(older.rope.inverseFrequencies(isLocal: true)[1].isApproximately(1 / 1.0688, within: 1e-4))
        #expect(older.rope.inverseFrequencies(isLocal: false)[0] == 0.125)
    }

    @Test
    func `qwens have biases or norms on keys, and windows only when told`() throws {
        let common = TinyModel.Written.configuration.replacing("\"model_type\": \"llama\",", with: "")
        let plain = try configuration(
            json: common.replacing("{", with: #"{"model_type": "qwen2", "sliding_window": 32,"#))
        #expect(plain.queryKeyValueBias && !plain.attentionOutputBias && !plain.queryKeyNorm)
        #expect(plain.slidingWindow == nil)
        let windowed = try configuration(
            json: common.replacing(
                "{",
                with:
                    #"{"model_type": "qwen2", "sliding_window": 32, "use_sliding_window": true, "max_window_layers": 1,"#
            ))
        #expect(windowed.slidingWindow == .init(size: 32, isLocal: [false, true]))
        let third = try configuration(json: common.replacing("{", with: #"{"model_type": "qwen3","#))
        #expect(third.queryKeyNorm && !third.queryKeyValueBias)
        #expect(third.architecture == "qwen3")
    }

    @Test
    func `llama3 scaling keeps fast turns, stretches slow ones and blends between`() throws {
        let json = TinyModel.Written.configuration.replacing("\"head_dim\": 4", with: "\"head_dim\": 64")
            .replacing(
                "\"rope_theta\": 10000.0",
                with: #""rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "#
                    + #""low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}"#)
        let rope = try configuration(json: json).rope
        var plain = rope
        plain.scaling = .none
        let ratios = zip(plain.inverseFrequencies(isLocal: false), rope.inverseFrequencies(isLocal: false))
            .map { $0 / $1 }
        #expect(ratios.first == 1)
        #expect(ratios.last?.isApproximately(8, within: 1e-9) == true)
        #expect(zip(ratios, ratios.dropFirst()).allSatisfy { $0 <= $1 + 1e-9 })
        #expect(ratios.contains { $0 > 1.001 && $0 < 7.999 })
        var carried = rope
        carried.scaling = .factors(ratios.map { Float($0) })
        for (a, b) in zip(carried.inverseFrequencies(isLocal: false), rope.inverseFrequencies(isLocal: false)) {
            #expect(a.isApproximately(b, within: 1e-6 * b))
        }
    }

    @Test
    func `longer prefixes of multimodal models are found`() throws {
        let folder = try TinyModel.Written().folder(prefix: "model.language_model.")
        let weights = try ModelWeights(path: folder.path)
        #expect(weights.name(.finalNorm) == "model.language_model.norm.weight")
        for role in weights.roles where role != .outputHead { _ = try weights.tensor(role) }
    }
}

extension ModelConfigurationError {
    fileprivate var problemWithField: String { "\(field): \(problem)" }
}

extension Double {
    fileprivate func isApproximately(_ other: Double, within tolerance: Double) -> Bool {
        abs(self - other) <= tolerance
    }
}
