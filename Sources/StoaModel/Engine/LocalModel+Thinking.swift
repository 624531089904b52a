public import StoaCore
internal import StoaText

extension LocalModel {
    /// Thinks without words: feeds hidden states back as inputs (E1 into E2).
    ///
    /// Determinism: a pure function of the model, the prompt, the cache's content, `thinking` and the stream; with
    /// alignment also of the matrix, whose digest the thought names.
    ///
    /// - Parameters:
    ///   - prompt: inputs before the first step, at least one.
    ///   - thinking: how far, and how; 0 steps are a plain prefill.
    ///   - cache: what comes before; nil for nothing.
    ///   - author: who the rows belong to.
    ///   - stream: what random feedback draws on; nil where there is none.
    ///   - adapter: what the model thinks with; nil for the model as it is.
    ///   - onStep: is told on the lane how many steps have been taken, with the last one's trace where one is kept; must
    ///     not wait.
    /// - Returns: the cache with a row for each prompt input and each step added, and what was fed.
    /// - Throws: `ModelError`, `AdapterError`, `LinearAlgebraError` where an alignment cannot be computed, or
    ///   `CancellationError`.
    public func think(
        _ prompt: [ModelInput], thinking: Thinking, from cache: KVCache? = nil, author: String = "",
        stream: RandomStream? = nil, adapter: AdapterReference? = nil,
        onStep: (@Sendable (Int, LatentStepTrace?) -> Void)? = nil
    ) async throws -> LatentThought {
        guard thinking.steps >= 0 else {
            throw ModelError.invalidRequest("latent steps: expected at least 0, found \(thinking.steps)")
        }
        let feedback = try feedback(thinking, stream: stream)
        let method = LatentDriver.Method(
            steps: thinking.steps, feedback: feedback, rules: try haltingRules(thinking.halting),
            tracer: thinking.isTraced
                ? LatentTracer(
                    search: NearestRowSearch(embeddingTable, precision: precision),
                    keepsDirection: feedback.keepsDirection, tokenizer: try tokenizerIfAny()) : nil,
            pool: pool)
        let driver = LatentDriver(prompt: prompt, method: method, onStep: onStep)
        let result = try await run(driver, from: cache, author: author, adapter: adapter)
        return LatentThought(
            cache: result.cache, vectors: driver.vectors, states: driver.states, hidden: driver.lastHidden,
            halt: driver.halt, alignment: (feedback as? AlignmentFeedback)?.matrix.digest, trace: driver.trace,
            usage: result.usage)
    }

    /// Thinks a number of steps in the usual way.
    ///
    /// - Parameters:
    ///   - prompt: inputs before the first step, at least one.
    ///   - steps: how many vectors to feed; 0 is a plain prefill.
    ///   - cache: what comes before; nil for nothing.
    ///   - author: who the rows belong to.
    ///   - adapter: what the model thinks with; nil for the model as it is.
    /// - Returns: the cache with |prompt| + steps rows added, and what was fed.
    /// - Throws: as the full form.
    public func think(
        _ prompt: [ModelInput], steps: Int, from cache: KVCache? = nil, author: String = "",
        adapter: AdapterReference? = nil
    ) async throws -> LatentThought {
        try await think(
            prompt, thinking: Thinking(steps: steps), from: cache, author: author, adapter: adapter)
    }

    /// The model's alignment matrix W_a: from memory, from the folder for derived files, or computed.
    ///
    /// Complexity: reads the whole vocabulary and occupies the lane for seconds the first time; kept afterwards.
    ///
    /// - Returns: the matrix.
    /// - Throws: `LinearAlgebraError` or `ModelError` where it cannot be computed, or `CancellationError`.
    package func alignment() throws -> AlignmentMatrix {
        if let knownAlignment { return knownAlignment }
        let width = weights.configuration.width
        let store = AlignmentStore(folder: options.derivedFolder)
        let key = AlignmentStore.Key(
            weights: information.fingerprint.weights, lambda: AlignmentMatrix.usualLambda, inputs: width, outputs: width
        )
        if let matrix = store.matrix(key) {
            knownAlignment = matrix
            return matrix
        }
        let matrix = try AlignmentMatrix(solving: alignmentSystem())
        store.keep(matrix, key)
        knownAlignment = matrix
        return matrix
    }

    /// The equations behind `alignment()`.
    ///
    /// - Returns: the system over the whole vocabulary.
    /// - Throws: `LinearAlgebraError` where OpenBLAS is not there, or `CancellationError`.
    package func alignmentSystem() throws -> RidgeSystem { try weights.alignmentSystem(pool: pool) }

    /// The root mean square of the effective embedding's elements.
    ///
    /// Complexity: reads the whole embedding table once; kept afterwards.
    package var embeddingRootMeanSquare: Double {
        if let knownRootMeanSquare { return knownRootMeanSquare }
        let value = embeddingTable.rootMeanSquare()
        knownRootMeanSquare = value
        return value
    }

    var embeddingTable: EmbeddingTable { EmbeddingTable(weights: weights, pool: pool) }

    private func haltingRules(_ halting: LatentHalting) throws -> HaltingRules {
        guard halting.atEndOfTurn else { return HaltingRules(halting, endOfTurn: []) }
        guard let tokens = try tokenizerIfAny()?.special.endOfTurn else {
            throw ModelError.noEndOfTurn(model: information.path)
        }
        return HaltingRules(halting, endOfTurn: Set(tokens))
    }

    /// The modes by name; a new one is a new line.
    private func feedback(_ thinking: Thinking, stream: RandomStream?) throws -> any FeedbackMode {
        let parts = FeedbackParts(table: embeddingTable, targetNorm: meanEmbeddingNorm, stream: stream)
        let rescale = NormRescale(targetNorm: parts.targetNorm)
        switch thinking.feedback {
        // Where nothing is fed back, no matrix has to be made for it.
        case .automatic where weights.configuration.tiedHead || thinking.steps == 0, .identity:
            return IdentityFeedback(rescale: rescale)
        case .automatic, .alignment: return AlignmentFeedback(matrix: try alignment(), rescale: rescale)
        case .soft(let temperature, let noise): return try softFeedback(temperature, noise, parts)
        case .argmax: return ArgmaxFeedback(table: parts.table)
        case .noise: return NoiseFeedback(rescale: rescale, source: try parts.noise(for: .noise))
        }
    }

    private func softFeedback(_ temperature: Double, _ noise: Double, _ parts: FeedbackParts) throws -> SoftFeedback {
        for (name, value) in [("temperature", temperature), ("noise", noise)] where !(value.isFinite && value >= 0) {
            throw ModelError.invalidRequest("\(name) of latent feedback 'soft': expected at least 0, found \(value)")
        }
        let source = noise > 0 ? try parts.noise(for: .soft(temperature: temperature, noise: noise)) : nil
        return SoftFeedback(
            table: parts.table, temperature: temperature,
            noise: source.map { (noise * embeddingRootMeanSquare, $0) })
    }
}

/// What latent thinking leaves behind.
public struct LatentThought: Sendable {
    /// Prompt and latent rows.
    public var cache: KVCache
    /// The vectors that were fed, [steps][width].
    public var vectors: [[Float]]
    /// The hidden state that each vector came from, [steps][width].
    public var states: [[Float]]
    /// The hidden state behind the last input, [width].
    public var hidden: [Float]
    /// Why it ended.
    public var halt: LatentHalt
    /// SHA-256 of the alignment matrix where one was used.
    public var alignment: SHA256Digest?
    /// One entry per step; empty unless asked for.
    public var trace: [LatentStepTrace]
    /// What it cost.
    package var usage: SequenceUsage
}
