/// A direction that has nothing to do with the hidden state, as a control: what latent steps do by being there.
struct NoiseFeedback: FeedbackMode {
    let rescale: NormRescale
    let source: LatentNoise
    var needsLogits: Bool { false }

    func vector(for state: LatentState) -> [Float] {
        rescale(source.vector(step: state.step, width: state.hidden.count).map { Float($0) })
    }
}
