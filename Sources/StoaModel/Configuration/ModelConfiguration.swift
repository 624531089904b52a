/// Everything about a model that is not a weight: what the decoder needs to be told, from whichever file it came.
///
/// Units: widths and lengths count elements and tokens. All values were checked against each other by `validated`.
package struct ModelConfiguration: Sendable, Hashable {
    /// The id of the architecture, for example `llama`: an open set, see `ArchitectureTraits`.
    package var architecture: String
    package var layers: Int
    /// Model width D.
    package var width: Int
    /// Query heads H.
    package var heads: Int
    /// Key and value heads; `heads` is a multiple.
    package var keyValueHeads: Int
    /// Width of one head; even.
    package var headWidth: Int
    package var feedForwardWidth: Int
    /// Rows of the embedding V.
    package var vocabularySize: Int
    /// The most positions that the model was made for.
    package var contextLength: Int
    package var rmsEpsilon: Float
    package var activation: Activation
    package var rope: Rope
    /// Layers that see only recent positions, where there are any.
    package var slidingWindow: SlidingWindow?
    /// Applied to q·k.
    package var attentionScale: Float
    /// Applied to embeddings before the first layer; 1 for none.
    package var embeddingScale: Float
    /// Whether the output head is the embedding.
    package var tiedHead: Bool
    /// Whether q, k and v have biases.
    package var queryKeyValueBias: Bool
    /// Whether the attention output has a bias.
    package var attentionOutputBias: Bool
    /// Whether queries and keys are normalised per head before rotation.
    package var queryKeyNorm: Bool
    /// Whether attention and feed-forward outputs are normalised before they are added (gemma3).
    package var postNorms: Bool
    /// What is added to every stored norm weight: 1 for gemma3 from Hugging Face, else 0.
    package var normWeightOffset: Float
    /// Logits are `cap * tanh(logit / cap)`.
    package var finalSoftCap: Float?
    /// As above, for attention scores.
    package var attentionSoftCap: Float?
    /// Whether the file stores q and k rows for rotation of neighbours; the loader undoes it, see `rowPermutation`.
    package var keysInterleaved: Bool

    /// What the gate goes through.
    package enum Activation: String, Sendable, Hashable {
        case silu
        case geluTanh
    }

    /// Layers that attend to the last `size` positions only, the query's own included.
    package struct SlidingWindow: Sendable, Hashable {
        package var size: Int
        /// For each layer whether it is local.
        package var isLocal: [Bool]

        package init(size: Int, isLocal: [Bool]) {
            self.size = size
            self.isLocal = isLocal
        }
    }

    /// Width of all query heads.
    package var queryWidth: Int { heads * headWidth }
    /// Width of all key heads.
    package var keyWidth: Int { keyValueHeads * headWidth }

    /// Whether a layer sees only recent positions.
    package func isLocal(layer: Int) -> Bool { slidingWindow?.isLocal[layer] ?? false }
    /// The window of a layer; 0 for all positions.
    package func window(layer: Int) -> Int { isLocal(layer: layer) ? slidingWindow?.size ?? 0 : 0 }
}

extension ModelConfiguration {
    /// A plain llama of the given sizes; everything else is set afterwards.
    package init(
        architecture: String, layers: Int, width: Int, heads: Int, keyValueHeads: Int, headWidth: Int,
        feedForwardWidth: Int, vocabularySize: Int, contextLength: Int
    ) {
        self.init(
            architecture: architecture, layers: layers, width: width, heads: heads, keyValueHeads: keyValueHeads,
            headWidth: headWidth, feedForwardWidth: feedForwardWidth, vocabularySize: vocabularySize,
            contextLength: contextLength, rmsEpsilon: 1e-5, activation: .silu,
            rope: Rope(dimensions: headWidth, base: 10000), slidingWindow: nil,
            attentionScale: Float(1 / Double(headWidth).squareRoot()), embeddingScale: 1, tiedHead: false,
            queryKeyValueBias: false, attentionOutputBias: false, queryKeyNorm: false, postNorms: false,
            normWeightOffset: 0, finalSoftCap: nil, attentionSoftCap: nil, keysInterleaved: false)
    }

    /// The order in which q and k rows must be read from the file.
    ///
    /// Weights and biases alike: output row `r`, in the order that pairs element i with i + dimensions/2, is the file's row
    /// `result[r]`. Nil where rows are in that order already.
    ///
    /// Source: the converter of llama.cpp, which reshapes each head from [2, n/2] to [n/2, 2].
    ///
    /// - Parameter heads: `heads` for queries, `keyValueHeads` for keys.
    /// - Returns: `heads * headWidth` row numbers, or nil.
    package func rowPermutation(heads: Int) -> [UInt32]? {
        guard keysInterleaved, rope.dimensions > 1 else { return nil }
        let half = rope.dimensions / 2
        return (0..<heads * headWidth).map { row in
            let (head, element) = row.quotientAndRemainder(dividingBy: headWidth)
            guard element < rope.dimensions else { return UInt32(row) }
            return UInt32(head * headWidth + 2 * (element % half) + element / half)
        }
    }
}
