internal import StoaCore

extension ArchitectureTraits {
    /// Llama and its relatives: grouped queries, rotary positions, gated SiLU.
    ///
    /// Source: arXiv:2307.09288. GGUF files store q and k rows for rotation of neighbours.
    package static let llama = ArchitectureTraits(
        id: "llama", huggingFaceTypes: ["llama", "mistral"], activation: .silu, interleavedInGGUF: true,
        queryKeyNorm: false, postNorms: false, huggingFaceNormOffset: 0, scalesEmbedding: false, localPattern: nil,
        ropeLocalBase: nil, tiedByDefault: false, alwaysHasBias: false,
        huggingFaceDefaults: ["rms_norm_eps": 1e-6, "rope_theta": 10000])
}
