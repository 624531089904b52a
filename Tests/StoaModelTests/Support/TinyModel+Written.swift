import StoaModel
import StoaTensor
import StoaTestKit

extension TinyModel {
    /// Models of a few hundred weights in either format, made from one table of numbers.
    struct Written {
        let layers = 2, width = 12, heads = 4, keyValueHeads = 2, headWidth = 4, feedForward = 8, vocabulary = 10

        /// Weights as Hugging Face stores them: each a function of its name's place and its index.
        func tensors() -> [(role: TensorRole, shape: [Int], floats: [Float])] {
            let roles: [(TensorRole, [Int])] =
                [(.tokenEmbedding, [vocabulary, width])]
                + (0..<layers).flatMap { layer -> [(TensorRole, [Int])] in
                    [
                        (.layer(layer, .attentionNorm), [width]),
                        (.layer(layer, .query), [heads * headWidth, width]),
                        (.layer(layer, .key), [keyValueHeads * headWidth, width]),
                        (.layer(layer, .value), [keyValueHeads * headWidth, width]),
                        (.layer(layer, .attentionOutput), [width, heads * headWidth]),
                        (.layer(layer, .feedForwardNorm), [width]),
                        (.layer(layer, .gate), [feedForward, width]),
                        (.layer(layer, .up), [feedForward, width]),
                        (.layer(layer, .down), [width, feedForward]),
                    ]
                } + [(.finalNorm, [width]), (.outputHead, [vocabulary, width])]
            return roles.enumerated().map { place, role in
                let count = role.1.reduce(1, *)
                return (role.0, role.1, (0..<count).map { Float(place * 1000 + $0) })
            }
        }

        /// What llama.cpp's converter does to q and k: each head from [2, n/2] rows to [n/2, 2].
        private func interleaved(_ floats: [Float], heads: Int) -> [Float] {
            let half = headWidth / 2
            var result: [Float] = []
            for head in 0..<heads {
                for pair in 0..<half {
                    for side in 0..<2 {
                        let row = head * headWidth + side * half + pair
                        result += floats[row * width..<(row + 1) * width]
                    }
                }
            }
            return result
        }

        func gguf(_ change: (inout [String: GGUFWriter.Value]) -> Void = { _ in }) throws -> [UInt8] {
            var values: [String: GGUFWriter.Value] = [
                "general.architecture": .string("llama"), "llama.block_count": .uint32(UInt32(layers)),
                "llama.context_length": .uint32(64), "llama.embedding_length": .uint32(UInt32(width)),
                "llama.feed_forward_length": .uint32(UInt32(feedForward)),
                "llama.attention.head_count": .uint32(UInt32(heads)),
                "llama.attention.head_count_kv": .uint32(UInt32(keyValueHeads)),
                "llama.attention.key_length": .uint32(UInt32(headWidth)),
                "llama.attention.layer_norm_rms_epsilon": .float32(1e-5), "llama.rope.freq_base": .float32(10000),
            ]
            change(&values)
            var writer = GGUFWriter()
            for (key, value) in values.sorted(by: { $0.key < $1.key }) { writer.add(key, value) }
            for tensor in tensors() {
                var floats = tensor.floats
                if case .layer(_, .query) = tensor.role { floats = interleaved(floats, heads: heads) }
                if case .layer(_, .key) = tensor.role { floats = interleaved(floats, heads: keyValueHeads) }
                try writer.addTensor(tensor.role.ggufName, shape: tensor.shape, floats: floats)
            }
            return writer.encoded()
        }

        static let configuration = #"""
            {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 12, "num_attention_heads": 4,
             "num_key_value_heads": 2, "head_dim": 4, "intermediate_size": 8, "vocab_size": 10,
             "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "hidden_act": "silu",
             "tie_word_embeddings": false, "torch_dtype": "float32"}
            """#

        func safetensors(prefix: String = "model.") throws -> [UInt8] {
            var writer = SafetensorsWriter()
            for tensor in tensors() {
                try writer.addTensor(
                    tensor.role.huggingFaceName(postNorms: false, prefix: prefix), shape: tensor.shape,
                    floats: tensor.floats)
            }
            return writer.encoded()
        }

        /// A folder with `config.json` and weights.
        func folder(configuration: String = configuration, prefix: String = "model.") throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            _ = try folder.write("config.json", configuration)
            _ = try folder.write("model.safetensors", try safetensors(prefix: prefix))
            return folder
        }
    }
}

extension ModelWeights {
    /// A tensor's rows in the order that the kernels want.
    func ordered(_ role: TensorRole) throws -> [Float] {
        let tensor = try tensor(role)
        let floats = tensor.dequantised()
        guard let permutation = rowPermutation(role) else { return floats }
        return permutation.flatMap { floats[Int($0) * tensor.columns..<(Int($0) + 1) * tensor.columns] }
    }
}
