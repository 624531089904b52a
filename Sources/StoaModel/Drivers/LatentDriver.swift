internal import StoaCore
internal import StoaTensor

/// Thinks without words: the hidden state of the last input, mapped back to the embedding space, is fed as the next
/// input, again and again.
///
/// Source: LatentMAS (arXiv:2511.20639), section 3.1. The first vector is the mapped hidden state of the last prompt
/// input; after m steps the cache has grown by the prompt and m latent rows.
final class LatentDriver: SequenceDriver {
    /// How it is done, with everything that this takes of the model.
    struct Method {
        /// The most vectors that are fed.
        var steps: Int
        /// What becomes of a state.
        var feedback: any FeedbackMode
        /// When it ends early.
        var rules: HaltingRules
        /// What writes each step down; nil for nothing.
        var tracer: LatentTracer?
        /// The workers that share sums over the vocabulary.
        var pool: KernelPool

        /// Whether distributions are looked at; each costs a product with the vocabulary.
        var needsLogits: Bool { feedback.needsLogits || rules.needsLogits || tracer != nil }
    }

    private let prompt: [ModelInput]
    private let method: Method
    private let onStep: (@Sendable (Int, LatentStepTrace?) -> Void)?
    private let row = LogitRow()
    private var pending: [Float]?
    private var isStarted = false
    /// The vectors that were fed, [steps][width].
    private(set) var vectors: [[Float]] = []
    /// The hidden state that each of them came from, [steps][width].
    private(set) var states: [[Float]] = []
    /// One entry per vector; empty unless asked for.
    private(set) var trace: [LatentStepTrace] = []
    /// The hidden state behind the last input.
    private(set) var lastHidden: [Float] = []
    /// Why it ended.
    private(set) var halt = LatentHalt.steps

    /// Creates a driver.
    ///
    /// - Parameters:
    ///   - prompt: inputs before the first latent step; at least one.
    ///   - method: how it is done.
    ///   - onStep: is told how many vectors have been fed, with the last one's trace; must not wait.
    init(prompt: [ModelInput], method: Method, onStep: (@Sendable (Int, LatentStepTrace?) -> Void)? = nil) {
        self.prompt = prompt
        self.method = method
        self.onStep = onStep
    }

    func next() -> Demand? {
        guard isStarted else {
            isStarted = true
            return Demand(inputs: prompt, origin: .prompt, outputs: outputs)
        }
        guard let vector = pending else { return nil }
        pending = nil
        vectors.append(vector)
        return Demand(inputs: [.embedding(vector)], origin: .latent, outputs: outputs)
    }

    /// What is wanted of the last input: nothing is fed back behind the last step.
    private var outputs: OutputRequest {
        OutputRequest(logits: method.needsLogits && vectors.count < method.steps ? .last : .none, hidden: .last)
    }

    func receive(_ output: RowOutput) throws {
        guard let hidden = output.hidden else { return }
        lastHidden = Array(hidden)
        if !vectors.isEmpty { onStep?(vectors.count, trace.last) }
        guard vectors.count < method.steps else { return }
        let distribution = output.logits.map {
            LatentDistribution(UnsafeBufferPointer($0), using: row, pool: method.pool)
        }
        if distribution?.isProper == false { throw ModelError.brokenState(step: vectors.count, "the distribution") }
        try prepare(LatentState(step: vectors.count, hidden: hidden, distribution: distribution))
    }

    /// Makes the next vector, or ends the thought.
    private func prepare(_ state: LatentState) throws {
        if let reason = method.rules.halt(before: state) { return halt = reason }
        let vector = method.feedback.vector(for: state)
        guard vector.euclideanNorm.isFinite else { throw ModelError.brokenState(step: state.step, "the vector") }
        if let reason = method.rules.halt(before: vector, after: vectors) { return halt = reason }
        states.append(lastHidden)
        if let tracer = method.tracer, let distribution = state.distribution {
            trace.append(tracer.trace(state, distribution, vector: vector, previous: vectors.last))
        }
        pending = vector
    }
}
