internal import StoaCore

/// The mean of all effective embeddings, weighted by the probabilities, with noise.
///
/// `sum_i p_i E_i + N(0, (noise * r)^2 I)`, r being the root mean square of the embedding's elements. It is not rescaled:
/// the more certain the model is, the nearer it comes to a token's own embedding, and without noise at a temperature that
/// goes to 0 it is that.
///
/// Source: Soft Tokens (arXiv:2509.19170), section 3.
struct SoftFeedback: FeedbackMode {
    let table: EmbeddingTable
    let temperature: Double
    /// The noise's standard deviation with where it comes from; nil for none.
    let noise: (deviation: Double, source: LatentNoise)?
    var needsLogits: Bool { true }

    func vector(for state: LatentState) -> [Float] {
        guard let distribution = state.distribution else { return [] }
        var vector =
            temperature > 0
            ? table.weightedSum(distribution.probabilities(temperature: temperature))
            : table.row(distribution.mostProbable)
        guard let noise else { return vector }
        let normal = noise.source.vector(step: state.step, width: vector.count)
        for place in vector.indices { vector[place] += Float(noise.deviation * normal[place]) }
        return vector
    }
}
