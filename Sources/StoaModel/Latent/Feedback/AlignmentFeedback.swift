/// The hidden state, mapped to the space of input embeddings by the alignment matrix, then rescaled.
///
/// Source: LatentMAS (arXiv:2511.20639), equation 3.
struct AlignmentFeedback: FeedbackMode {
    let matrix: AlignmentMatrix
    let rescale: NormRescale
    var needsLogits: Bool { false }

    func vector(for state: LatentState) -> [Float] { rescale(matrix(state.hidden)) }
}
