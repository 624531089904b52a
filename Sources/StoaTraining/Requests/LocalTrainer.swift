internal import CStoaKernels
public import StoaCore
public import StoaModel
internal import StoaTensor

/// Trains adapters of one model on this machine.
///
/// The model is read when the first training needs it, and stays; another precision reads it anew. Where a folder for
/// checkpoints is given, a training that a process left unfinished goes on where its last checkpoint was.
///
/// Isolation: its work runs on a compute lane of its own; calls suspend, never block the caller's thread. Cancelling a
/// caller ends its training at the next micro-batch and leaves a checkpoint of the last step.
/// Determinism: the adapter and every loss are a pure function of the request and the model's files: neither threads, nor
/// the kernel path, nor how often a training was interrupted changes a bit.
public actor LocalTrainer: PolicyTrainer {
    /// The model that is trained, which itself stays as it is.
    public nonisolated let identity: ModelIdentity
    private let stored: StoredModel
    private let adapters: AdapterLibrary
    private let options: Options
    private let time: any TimeSource
    private let lane: ComputeLane
    private let queue = TrainingQueue()
    private var loaded: Trainer?
    private var knownEncoder: ReplyEncoder?

    /// The lane's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// How a trainer works; nothing of it changes what comes of a request.
    public struct Options: Sendable, Hashable {
        /// Kernel threads.
        public var threads = 2
        /// A folder for checkpoints of trainings under way; nil for none.
        public var checkpointFolder: String?
        /// How much time passes between two checkpoints, at least.
        public var checkpointInterval: Duration = .seconds(30)
        /// A folder where digests of model files are remembered; nil for nowhere.
        public var cacheFolder: String?

        /// The defaults.
        public init() {}
    }

    /// Rows of a micro-batch: enough to keep the kernels busy, few enough to be kept in memory.
    static let rows = 512

    /// Opens a model for training.
    ///
    /// - Parameters:
    ///   - path: a GGUF file, or a Hugging Face folder (config.json and safetensors).
    ///   - name: the name it was asked for by.
    ///   - adapters: where adapters are found and stored.
    ///   - options: how the trainer works.
    ///   - time: what durations are measured with.
    /// - Throws: `WeightFileError` or `ModelConfigurationError` saying what cannot be used and why.
    public init(
        model path: String, name: String, adapters: AdapterLibrary, options: Options = Options(),
        time: any TimeSource = SystemTimeSource()
    ) throws {
        stored = try StoredModel(path: path)
        let information = try stored.information(precision: .exact, cacheFolder: options.cacheFolder)
        identity = ModelIdentity(
            name: name, provider: .engine, fingerprint: information.fingerprint.digest.description,
            kernelPath: String(cString: stk_isa_name(stk_isa_current())), contextLength: information.contextLength)
        self.adapters = adapters
        self.options = options
        self.time = time
        lane = ComputeLane(threads: max(1, options.threads))
    }

    /// Trains an adapter; see `PolicyTrainer`.
    ///
    /// - Parameters:
    ///   - request: what to learn, from where, and how.
    ///   - progress: is told of each step; must not wait.
    /// - Returns: the adapter, which is in the library by then, and what it took.
    /// - Throws: `TrainingError` for a request that makes no sense, `AdapterError` for an adapter that is not there or of
    ///   another model, `TemplateError` where the chat template refuses a conversation, `WeightFileError`, or
    ///   `CancellationError`.
    public func train(
        _ request: TrainingRequest, progress: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingReply {
        try await queue.run { try await self.trainAlone(request, progress: progress) }
    }

    private func trainAlone(
        _ request: TrainingRequest, progress: @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingReply {
        let start = time.now
        let plan = try TrainingPlan(request.settings)
        let limit = min(request.settings.maximumTokens, identity.contextLength ?? .max)
        let examples = try TrainingExamples(request.examples, for: plan.loss, limit: limit, encoder: encoder)
        let beginning = try request.start.map { try adapters.adapter($0) }
        let reference = try request.reference.map { try adapters.adapter($0) }
        let trainer = try await prepare(plan, from: beginning, count: examples.examples.count, seed: request.seed)
        let folder = options.checkpointFolder.map {
            CheckpointFolder(in: $0, of: request.digest(base: trainer.baseFingerprint, examples: examples))
        }
        let session = TrainingSession(
            trainer: trainer, plan: plan, examples: examples.examples, seed: request.seed, reference: reference,
            folder: folder, interval: options.checkpointInterval, time: time)
        let record: TrainingRecord
        do {
            record = try await session.run(progress: progress)
        } catch {
            await trainer.releaseMemory()
            throw error
        }
        await trainer.releaseMemory()
        let adapter = try adapters.store(await trainer.adapter, baseModel: identity.name)
        folder?.remove()
        return TrainingReply(
            adapter: adapter, losses: record.losses, figures: record.figures, tokens: record.tokens,
            scoredTokens: record.scoredTokens, leftOut: examples.leftOut, duration: time.now - start)
    }

    // MARK: - What stays between trainings

    private func encoder() throws -> ReplyEncoder {
        if let knownEncoder { return knownEncoder }
        let made = try ReplyEncoder(stored, name: identity.name, tokenizer: stored.makeTokenizer())
        knownEncoder = made
        return made
    }

    /// The trainer before the first step of a run.
    private func prepare(
        _ plan: TrainingPlan, from beginning: Adapter?, count: Int, seed: SeedPath
    ) async throws -> Trainer {
        let configuration = beginning?.configuration ?? plan.adapter
        let options = try plan.options(
            count: count, rows: Self.rows, threads: lane.threads, seed: seed.child("adapter").stream.word(at: 0))
        let trainer: Trainer
        if let loaded, loaded.precision == plan.precision {
            trainer = loaded
            try await trainer.begin(configuration, options: options)
        } else {
            // The old one goes before the new one comes.
            loaded = nil
            trainer = try await Trainer.load(
                stored, cacheFolder: self.options.cacheFolder, adapter: configuration, options: options, lane: lane)
            loaded = trainer
        }
        if let beginning { try await trainer.start(from: beginning) }
        return trainer
    }
}
