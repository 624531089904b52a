internal import CStoaKernels

/// The hidden state itself, rescaled.
struct IdentityFeedback: FeedbackMode {
    let rescale: NormRescale
    var needsLogits: Bool { false }
    var keepsDirection: Bool { true }

    func vector(for state: LatentState) -> [Float] { rescale(Array(state.hidden)) }
}

/// Maps vectors to the scale of input embeddings by their norm alone.
///
/// `e = h * tau / max(||h||, 1e-6)`, tau being the mean norm of the *effective* (scaled) embedding rows. With tied
/// embeddings the realignment matrix of the paper is the identity to within its regulariser, so this is all that acts.
/// Source: LatentMAS (arXiv:2511.20639), equation 3; reference code.
package struct NormRescale: Sendable {
    /// The norm of every vector it makes.
    package let targetNorm: Float

    /// Creates a map to vectors of norm `targetNorm`.
    package init(targetNorm: Float) { self.targetNorm = targetNorm }

    /// The hidden state, rescaled: [width] to [width].
    package func callAsFunction(_ hidden: [Float]) -> [Float] {
        let norm = max(hidden.withUnsafeBufferPointer { $0.baseAddress.map { stk_norm($0, hidden.count) } ?? 0 }, 1e-6)
        let factor = targetNorm / norm
        return hidden.map { $0 * factor }
    }
}
