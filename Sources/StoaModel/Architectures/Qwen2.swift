internal import StoaCore

extension ArchitectureTraits {
    /// Qwen 2 and 2.5: llama with biases on q, k and v.
    ///
    /// Source: arXiv:2407.10671.
    package static let qwen2 = ArchitectureTraits(
        id: "qwen2", huggingFaceTypes: ["qwen2"], activation: .silu, interleavedInGGUF: false, queryKeyNorm: false,
        postNorms: false, huggingFaceNormOffset: 0, scalesEmbedding: false, localPattern: nil, ropeLocalBase: nil,
        tiedByDefault: false, alwaysHasBias: true,
        huggingFaceDefaults: ["rms_norm_eps": 1e-6, "rope_theta": 10000, "max_window_layers": 28])
}
