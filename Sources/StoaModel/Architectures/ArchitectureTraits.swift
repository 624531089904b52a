internal import StoaCore

/// What sets one family of decoders apart from the others, as data.
///
/// A new family is a file beside this one and a line in `all`.
package struct ArchitectureTraits: Sendable {
    /// The id, which is also GGUF's `general.architecture` and the prefix of its keys.
    package let id: String
    /// The values of `model_type` in Hugging Face configurations.
    package let huggingFaceTypes: [String]
    package let activation: ModelConfiguration.Activation
    /// Whether GGUF files of this family store q and k rows interleaved.
    package let interleavedInGGUF: Bool
    package let queryKeyNorm: Bool
    package let postNorms: Bool
    /// Whether the stored norm weights of Hugging Face files lack their 1.
    package let huggingFaceNormOffset: Float
    /// Whether embeddings are multiplied by the square root of the width.
    package let scalesEmbedding: Bool
    /// Every n-th layer is global and the others local; nil where the configuration alone decides.
    package let localPattern: Int?
    /// The rotary base of local layers.
    package let ropeLocalBase: Double?
    /// What `tie_word_embeddings` means when it is left out.
    package let tiedByDefault: Bool
    /// Whether q, k and v have biases, and the output none, whatever a Hugging Face configuration says.
    package let alwaysHasBias: Bool
    /// Values that Hugging Face configurations of this family may leave out.
    let huggingFaceDefaults: JSONValue

    /// Every family that configurations can name.
    package static let all = [llama, qwen2, qwen3, gemma3]

    /// The ids of all families, for messages.
    static var known: String { all.map(\.id).joined(separator: ", ") }

    /// The local layers when every `pattern`-th is global.
    static func localLayers(pattern: Int, layers: Int) -> [Bool] {
        (0..<max(0, layers)).map { !($0 + 1).isMultiple(of: pattern) }
    }
}
