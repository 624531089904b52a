internal import StoaCore

extension ArchitectureTraits {
    /// Qwen 3: llama with norms on each head of q and k, and a head width of its own.
    ///
    /// Source: arXiv:2505.09388.
    package static let qwen3 = ArchitectureTraits(
        id: "qwen3", huggingFaceTypes: ["qwen3"], activation: .silu, interleavedInGGUF: false, queryKeyNorm: true,
        postNorms: false, huggingFaceNormOffset: 0, scalesEmbedding: false, localPattern: nil, ropeLocalBase: nil,
        tiedByDefault: false, alwaysHasBias: false,
        huggingFaceDefaults: ["rms_norm_eps": 1e-6, "rope_theta": 10000, "head_dim": 128, "max_window_layers": 28])
}
