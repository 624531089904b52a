internal import StoaCore

extension ArchitectureTraits {
    /// Gemma 3: scaled embeddings, norms before and after each part, five local layers to one global, gated GELU.
    ///
    /// Source: arXiv:2503.19786.
    package static let gemma3 = ArchitectureTraits(
        id: "gemma3", huggingFaceTypes: ["gemma3_text", "gemma3"], activation: .geluTanh, interleavedInGGUF: false,
        queryKeyNorm: true, postNorms: true, huggingFaceNormOffset: 1, scalesEmbedding: true, localPattern: 6,
        ropeLocalBase: 10000, tiedByDefault: true, alwaysHasBias: false,
        huggingFaceDefaults: [
            "rms_norm_eps": 1e-6, "rope_theta": 1_000_000, "head_dim": 256, "query_pre_attn_scalar": 256,
            "num_attention_heads": 8, "num_key_value_heads": 4, "sliding_window": 4096, "vocab_size": 262_208,
            "max_position_embeddings": 131_072, "hidden_activation": "gelu_pytorch_tanh",
        ])
}
