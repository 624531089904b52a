internal import CStoaKernels
internal import StoaCore

/// Thinks without words: the hidden state of the last input, mapped back to the embedding space, is fed as the next
/// input, again and again.
///
/// Source: LatentMAS (arXiv:2511.20639), section 3.1. The first vector is the mapped hidden state of the last prompt
/// input; after m steps the cache has grown by the prompt and m latent rows.
final class LatentDriver: SequenceDriver {
    private var prompt: [ModelInput]
    private let steps: Int
    private let onStep: (@Sendable (Int) -> Void)?
    private let feedback: @Sendable ([Float]) -> [Float]
    private var pending: [Float]?
    /// The vectors that were fed, [steps][width].
    private(set) var vectors: [[Float]] = []
    /// The hidden state behind the last input.
    private(set) var lastHidden: [Float] = []
    private var started = false

    /// Creates a driver.
    ///
    /// - Parameters:
    ///   - prompt: inputs before the first latent step; at least one.
    ///   - steps: latent vectors to feed.
    ///   - onStep: is told how many vectors have been fed; must not wait.
    ///   - feedback: maps a hidden state to the next input vector, both of the model's width.
    init(
        prompt: [ModelInput], steps: Int, onStep: (@Sendable (Int) -> Void)? = nil,
        feedback: @escaping @Sendable ([Float]) -> [Float]
    ) {
        self.prompt = prompt
        self.steps = steps
        self.onStep = onStep
        self.feedback = feedback
    }

    func next() -> Demand? {
        if !started {
            started = true
            return Demand(inputs: prompt, origin: .prompt, outputs: OutputRequest(hidden: .last))
        }
        guard vectors.count < steps else { return nil }
        let vector = feedback(lastHidden)
        vectors.append(vector)
        return Demand(inputs: [.embedding(vector)], origin: .latent, outputs: OutputRequest(hidden: .last))
    }

    func receive(_ output: RowOutput) {
        if let hidden = output.hidden { lastHidden = Array(hidden) }
        if !vectors.isEmpty { onStep?(vectors.count) }
    }
}

/// Maps hidden states back to the scale of input embeddings by their norm alone.
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
