internal import CStoaKernels
internal import StoaCore
public import StoaModel
internal import StoaTensor

/// Trains a low-rank adapter on a model that stays as it is.
///
/// A step takes groups of sequences and an objective, a pure function from log-probabilities to a loss and its derivatives:
/// supervised training, preferences and policy gradients differ in nothing else.
///
/// Isolation: runs on its own compute lane; calls suspend, never block the caller's thread.
/// Determinism: the same model, options, adapter and batches give the same bits, with any number of threads.
public actor Trainer {
    private let lane: ComputeLane
    private let pool: KernelPool
    /// Which base model it is: equal for equal weights.
    public nonisolated let baseFingerprint: String
    /// How the base model's matrices are kept.
    public nonisolated let precision: MatrixPrecision
    let model: FrozenModel
    /// How the run goes.
    public private(set) var options: TrainerOptions
    private(set) var state: AdapterState
    private(set) var optimiser: AdamWState
    private var pass: TrainingPass
    /// Steps asked for so far, those left out included.
    var stepCount = 0
    /// Steps left out because a number was not finite.
    var skippedSteps = 0

    /// The lane's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// Loads a base model and gives it a new adapter.
    ///
    /// - Parameters:
    ///   - path: a GGUF file, or a Hugging Face folder (config.json and safetensors).
    ///   - adapter: rank, scale and targets.
    ///   - options: how it is trained.
    /// - Returns: a trainer whose adapter changes nothing yet.
    /// - Throws: `WeightFileError`, `ModelConfigurationError` or `TrainingError` saying what cannot be used and why.
    public static func load(
        _ path: String, adapter: AdapterConfiguration, options: TrainerOptions = TrainerOptions()
    ) async throws -> Trainer {
        try options.validate()
        return try await load(
            StoredModel(path: path), adapter: adapter, options: options, lane: ComputeLane(threads: options.threads))
    }

    /// Loads an opened model, to run on a lane that others use too.
    static func load(
        _ stored: StoredModel, cacheFolder: String? = nil, adapter: AdapterConfiguration, options: TrainerOptions,
        lane: ComputeLane
    ) async throws -> Trainer {
        try options.validate()
        return try await lane.run {
            let pool = KernelPool(threads: options.threads)
            let fingerprint = try stored.information(precision: .exact, cacheFolder: cacheFolder).fingerprint.weights
            let model = try FrozenModel(ModelWeights(path: stored.path), precision: options.precision, pool: pool)
            return Trainer(
                lane: lane, pool: pool, model: model, fingerprint: fingerprint, adapter: adapter, options: options)
        }
    }

    private init(
        lane: ComputeLane, pool: KernelPool, model: FrozenModel, fingerprint: String, adapter: AdapterConfiguration,
        options: TrainerOptions
    ) {
        self.lane = lane
        self.pool = pool
        self.model = model
        self.options = options
        baseFingerprint = fingerprint
        precision = options.precision
        state = AdapterState(adapter, model: model.configuration, pool: pool)
        optimiser = AdamWState(options.optimiser, count: state.parameters.count)
        pass = TrainingPass(
            model: model, pool: pool, paddedRank: state.paddedRank, policy: options.activations,
            keptLogits: options.keptLogits)
        state.load(Adapter(adapter, for: model.configuration, seed: options.seed))
    }

    // MARK: - Runs

    /// Begins another run on the same base model, with a new adapter.
    ///
    /// - Parameters:
    ///   - adapter: rank, scale and targets.
    ///   - options: how it is trained; threads and precision stay those that the model was loaded with.
    /// - Throws: `TrainingError` where an option is out of its range.
    public func begin(_ adapter: AdapterConfiguration, options: TrainerOptions) throws {
        var options = options
        options.threads = self.options.threads
        options.precision = precision
        try options.validate()
        self.options = options
        state = AdapterState(adapter, model: model.configuration, pool: pool)
        optimiser = AdamWState(options.optimiser, count: state.parameters.count)
        pass = TrainingPass(
            model: model, pool: pool, paddedRank: state.paddedRank, policy: options.activations,
            keptLogits: options.keptLogits)
        state.load(Adapter(adapter, for: model.configuration, seed: options.seed))
        stepCount = 0
        skippedSteps = 0
    }

    /// Gives the working memory of passes back; the next pass takes it anew.
    func releaseMemory() {
        pass = TrainingPass(
            model: model, pool: pool, paddedRank: state.paddedRank, policy: options.activations,
            keptLogits: options.keptLogits)
    }

    // MARK: - The adapter

    /// What the adapter is.
    public var adapterConfiguration: AdapterConfiguration { state.configuration }

    /// The adapter as it is now.
    public var adapter: Adapter { state.adapter() }

    /// Goes on from another adapter; the optimiser begins anew.
    ///
    /// - Parameter adapter: of the same rank, scale and targets.
    /// - Throws: `TrainingError` where it does not fit.
    public func start(from adapter: Adapter) throws {
        guard adapter.configuration == adapterConfiguration else {
            throw TrainingError(
                .adapterMismatch, "adapter: expected \(adapterConfiguration), found \(adapter.configuration)")
        }
        try adapter.validate(for: model.configuration)
        state.load(adapter)
        optimiser.first.elements.update(repeating: 0)
        optimiser.second.elements.update(repeating: 0)
        optimiser.steps = 0
        stepCount = 0
        skippedSteps = 0
    }

    // MARK: - Passes

    /// The log-probability of every scored token, with the adapter or without it.
    ///
    /// - Parameters:
    ///   - sequences: what to score.
    ///   - usesAdapter: false for the base model itself, the frozen reference of preferences.
    /// - Returns: natural logarithms, for each sequence as many as it has scored tokens.
    /// - Throws: `TrainingError` for a sequence that does not fit the model; `CancellationError` between micro-batches.
    public func logProbabilities(
        of sequences: [TrainingSequence], usesAdapter: Bool = true
    ) async throws -> [[Double]] {
        try await score(sequences, with: pass, usesAdapter ? state : nil)
    }

    /// The log-probability of every scored token under a frozen reference.
    ///
    /// - Parameters:
    ///   - sequences: what to score.
    ///   - reference: the reference; nil for the base model itself.
    /// - Returns: natural logarithms, for each sequence as many as it has scored tokens.
    /// - Throws: `AdapterError` for an adapter of another model, and as `logProbabilities(of:usesAdapter:)`.
    public func logProbabilities(of sequences: [TrainingSequence], under reference: Adapter?) async throws -> [[Double]]
    {
        let frozen = try reference.map { adapter in
            try adapter.validate(for: model.configuration)
            let state = AdapterState(adapter.configuration, model: model.configuration, pool: pool)
            state.load(adapter)
            return state
        }
        // Nothing is to be kept for a backward pass.
        let pass = TrainingPass(
            model: model, pool: pool, paddedRank: frozen?.paddedRank ?? AdapterState.rankStep, policy: .recompute,
            keptLogits: 0)
        return try await score(sequences, with: pass, frozen)
    }

    private func score(
        _ sequences: [TrainingSequence], with pass: TrainingPass, _ adapter: AdapterState?
    ) async throws -> [[Double]] {
        try check(sequences)
        var result: [[Double]] = []
        for part in MicroBatches(sequences.map { TrainingGroup([$0]) }, rows: options.rows).parts {
            try Task.checkCancellation()
            let batch = PackedBatch(part.map { sequences[$0] })
            let values = pass.forward(batch, adapter: adapter)
            result += batch.scoredRanges.map { Array(values[$0]) }
            await Task.yield()
        }
        return result
    }

    /// Takes one step of training.
    ///
    /// - Parameters:
    ///   - groups: what to train on; any number, gradients are accumulated.
    ///   - objective: the loss.
    /// - Returns: what the step came to.
    /// - Throws: `TrainingError` for a sequence that does not fit the model; `CancellationError` between micro-batches,
    ///   with nothing changed.
    @discardableResult
    public func step(_ groups: [TrainingGroup], objective: any Objective) async throws -> StepReport {
        let sums = try await accumulate(groups, objective: objective)
        let norm = stk_train_sum_of_squares(state.gradients.base, state.gradients.count).squareRoot()
        let rate = options.optimiser.learningRate * options.schedule.factor(step: stepCount, total: options.totalSteps)
        let clipping = GradientClipping(maximumNorm: options.maximumGradientNorm)
        let isFinite = norm.isFinite && sums.loss.isFinite
        if isFinite {
            optimiser.step(
                state.parameters, gradients: state.gradients, rate: rate, gradientScale: clipping.factor(norm: norm),
                pool: pool)
            state.parametersChanged()
        } else {
            skippedSteps += 1
        }
        defer { stepCount += 1 }
        return StepReport(
            step: stepCount, loss: sums.loss, gradientNorm: norm, learningRate: rate, isSkipped: !isFinite,
            skippedSteps: skippedSteps, tokens: groups.reduce(0) { $0 + $1.rows },
            scoredTokens: groups.reduce(0) { $0 + $1.sequences.reduce(0) { $0 + $1.scoredCount } },
            figures: sums.figures)
    }

    /// The loss and the gradients of a batch, without a step.
    ///
    /// - Parameters:
    ///   - groups: what to look at.
    ///   - objective: the loss.
    /// - Returns: the loss, and an adapter whose numbers are the gradients of this one's.
    /// - Throws: `TrainingError` for a sequence that does not fit the model, or `CancellationError`.
    public func gradients(
        of groups: [TrainingGroup], objective: any Objective
    ) async throws -> (loss: Double, gradients: Adapter) {
        let sums = try await accumulate(groups, objective: objective)
        return (sums.loss, Adapter(adapterConfiguration, modules: state.gather(state.gradients.base)))
    }

    private func accumulate(
        _ groups: [TrainingGroup], objective: any Objective
    ) async throws -> (loss: Double, figures: [String: Double]) {
        try check(groups.flatMap(\.sequences))
        state.clearGradients()
        var loss = 0.0
        var figures: [String: Double] = [:]
        for part in MicroBatches(groups, rows: options.rows).parts {
            try Task.checkCancellation()
            let batch = PackedBatch(part.flatMap { groups[$0].sequences })
            let values = pass.forward(batch, adapter: state)
            var upstream: [Float] = []
            var ranges = batch.scoredRanges[...]
            for index in part {
                let sequences = ranges.prefix(groups[index].sequences.count)
                ranges = ranges.dropFirst(sequences.count)
                let value = objective.value(of: sequences.map { Array(values[$0]) }, group: index)
                precondition(
                    value.derivatives.map(\.count) == sequences.map(\.count), "one derivative for each log-probability")
                upstream += value.derivatives.joined().map { Float($0) }
                loss += value.loss
                figures.merge(value.figures, uniquingKeysWith: +)
            }
            pass.backward(upstream)
            await Task.yield()
        }
        state.finishGradients()
        return (loss, figures)
    }

    private func check(_ sequences: [TrainingSequence]) throws(TrainingError) {
        let shape = model.configuration
        guard !sequences.isEmpty else { throw TrainingError(.invalidBatch, kind: .usage, "an empty batch") }
        for (index, sequence) in sequences.enumerated() {
            if sequence.tokens.count > shape.contextLength {
                throw TrainingError(
                    .invalidBatch,
                    "training sequence \(index): \(sequence.tokens.count) tokens, the model has \(shape.contextLength) positions",
                    hint: "shorten or leave out long sequences")
            }
            if let token = sequence.tokens.first(where: { !(0..<shape.vocabularySize).contains($0.index) }) {
                throw TrainingError(
                    .invalidBatch,
                    "training sequence \(index): token \(token) is outside the vocabulary of \(shape.vocabularySize)",
                    hint: "the sequence was made with another model's tokenizer")
            }
        }
    }
}
