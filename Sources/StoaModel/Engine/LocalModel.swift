internal import CStoaKernels
public import StoaCore
internal import StoaTensor
public import StoaText

/// A model that runs in this process, with its latents open.
///
/// Any number of callers may use it at a time: their sequences share passes (continuous batching), and each gets the
/// bits that it would have got alone.
///
/// Isolation: runs on its own compute lane; calls suspend, never block the caller's thread. There is no background task:
/// whoever waits for a sequence drives the passes, and hands over to another waiting caller when its own is done.
/// Cancelling a caller ends its sequence before the next pass and leaves the model usable.
public actor LocalModel {
    private let lane: ComputeLane
    let pool: KernelPool
    /// What the model is.
    public nonisolated let information: ModelInformation
    let weights: PackedModel
    let precision: Precision
    let options: Options
    private let baseFingerprint: ModelFingerprint
    /// Where the adapters are that requests name; nil for a model that answers with none.
    public nonisolated let adapters: AdapterLibrary?
    /// Adapters that are in memory; nil for a model without a library.
    let shelf: AdapterShelf?
    /// What all caches of this model share, whatever layers they have.
    private let memory: KVMemory
    private let prefixes: PrefixCache?
    private var schedulers: [[Int]: BatchScheduler] = [:]
    private var isDriving = false
    private var embeddingNorm: Float?
    /// See `alignment()`.
    var knownAlignment: AlignmentMatrix?
    /// See `embeddingRootMeanSquare`.
    var knownRootMeanSquare: Double?
    /// Constraints that texts are held to, made ready.
    let constraints = ConstraintStore()
    /// The files behind it.
    public nonisolated let stored: StoredModel
    private var loadedTokenizer: Tokenizer?

    /// The lane's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// How a model is run.
    public struct Options: Sendable, Hashable {
        /// How matrix products are computed.
        public var precision: Precision = .fast
        /// Kernel threads.
        public var threads = 2
        /// The most memory that keys and values may take, in bytes.
        public var kvMemory = 1 << 30
        /// The part of it that finished sequences may hold for others to share; 0 turns prefix sharing off.
        public var prefixMemory = 256 << 20
        /// The most bytes of adapters that stay in memory while no sequence uses them.
        public var adapterMemory = 256 << 20
        /// Rows of one pass: how much of a long input is fed at a time.
        public var passRows = 64
        /// Whether tokens may be guessed and verified together: the same bits, sooner where a text repeats itself.
        public var drafts = true
        /// A folder for what may be derived from weights again (fingerprints); nil to keep nothing.
        public var cacheFolder: String?
        /// A folder for larger things that may be derived from weights again (alignment matrices); nil to keep them in
        /// memory only.
        public var derivedFolder: String?

        /// The defaults.
        public init() {}
    }

    init(
        lane: ComputeLane, pool: KernelPool, weights: PackedModel, stored: StoredModel, information: ModelInformation,
        options: Options, adapters: AdapterLibrary? = nil
    ) {
        self.stored = stored
        self.adapters = adapters
        shelf = adapters.map {
            AdapterShelf(
                library: $0, path: information.path, configuration: weights.configuration,
                limit: options.adapterMemory)
        }
        self.lane = lane
        self.pool = pool
        self.weights = weights
        self.information = information
        self.options = options
        precision = options.precision
        baseFingerprint = information.fingerprint
        memory = KVMemory(limit: options.kvMemory)
        prefixes = options.prefixMemory > 0 ? PrefixCache(limit: options.prefixMemory) : nil
    }

    // MARK: - Sequences

    /// A new, empty cache.
    ///
    /// - Parameters:
    ///   - program: the layers to visit, in order (E4); nil for each once.
    ///   - adapter: what the model will fill it with; nil for the model as it is.
    /// - Returns: a cache for this model.
    /// - Throws: `ModelError` where the program names a layer that does not exist.
    public func makeCache(
        layerProgram program: [Int]? = nil, adapter: AdapterReference? = nil
    ) throws -> KVCache {
        let scheduler = try scheduler(for: program)
        return KVCache(fingerprint: fingerprint(program, adapter), layout: scheduler.layout)
    }

    /// Reads a stored cache.
    ///
    /// - Parameters:
    ///   - bytes: what `KVCache.serialised()` gave.
    ///   - program: the layers that made it; nil for each once.
    ///   - adapter: the adapter that made it; nil for none.
    /// - Returns: a cache of equal content, in this model's memory.
    /// - Throws: `ModelError`: damaged, of another model or adapter (both named), or out of memory.
    public func restoreCache(
        _ bytes: [UInt8], layerProgram program: [Int]? = nil, adapter: AdapterReference? = nil
    ) throws -> KVCache {
        try restore(bytes, layerProgram: program) { $0.adapter = adapter?.description }
    }

    /// Reads a stored cache of any adapter: who uses it with another is refused then.
    func restoreLatent(_ bytes: [UInt8]) throws -> KVCache {
        let adapter = try KVCache.fingerprint(inSerialised: bytes).adapter
        return try restore(bytes, layerProgram: nil) { $0.adapter = adapter }
    }

    private func restore(
        _ bytes: [UInt8], layerProgram program: [Int]?, _ change: (inout ModelFingerprint) -> Void
    ) throws -> KVCache {
        let scheduler = try scheduler(for: program)
        var expected = fingerprint(program)
        change(&expected)
        for scheduler in schedulers.values { scheduler.sweep() }
        let needed = KVCache.pagesNeeded(toRestore: bytes.count, layout: scheduler.layout)
        while needed > scheduler.pages.availablePages, prefixes?.evict(16) == true {}
        return try KVCache(serialised: bytes, expected: expected, pool: scheduler.pages)
    }

    /// Runs a driver to its end.
    ///
    /// - Parameters:
    ///   - driver: what to do; it belongs to this actor from here on.
    ///   - cache: what the sequence remembers; nil for nothing.
    ///   - author: who the new rows belong to.
    ///   - adapter: what the model answers with; the cache is of the same.
    /// - Returns: the sequence's cache afterwards and what it cost.
    /// - Throws: what the driver throws, `ModelError`, `AdapterError`, or `CancellationError`.
    package func run(
        _ driver: any SequenceDriver, from cache: KVCache? = nil, author: String = "",
        adapter: AdapterReference? = nil
    ) async throws -> (cache: KVCache, usage: SequenceUsage) {
        let job = try start(driver, from: cache, author: author, adapter: try await packed(adapter))
        try await drive(job) { $0.outcome != nil }
        return (job.cache, job.usage)
    }

    func start(
        _ driver: any SequenceDriver, from cache: KVCache?, author: String, adapter: PackedAdapter?
    ) throws -> Job {
        let program = cache?.fingerprint.layerProgram
        let expected = fingerprint(program, adapter?.reference)
        if let cache, cache.fingerprint != expected {
            throw ModelError.fingerprintMismatch(expected: expected, found: cache.fingerprint)
        }
        let scheduler = try scheduler(for: program)
        let job = Job(
            driver: driver, cache: try cache ?? makeCache(layerProgram: program, adapter: adapter?.reference),
            author: author, adapter: adapter, sharesPrefix: options.prefixMemory > 0)
        scheduler.add(job)
        return job
    }

    /// Runs passes until `condition` holds for a job, or waits while another caller runs them.
    ///
    /// - Throws: the job's failure, or `CancellationError`.
    func drive(_ job: Job, until condition: @escaping (Job) -> Bool) async throws {
        await withTaskCancellationHandler {
            while !job.isSatisfied(condition) {
                guard !isDriving else {
                    await withCheckedContinuation { job.wait(for: condition, continuation: $0) }
                    continue
                }
                isDriving = true
                while !job.isSatisfied(condition) {
                    pass()
                    // Lets callers that arrived in the meantime add their sequences before the next pass.
                    await Task.yield()
                }
                isDriving = false
                wakeSuccessor()
            }
        } onCancel: {
            job.cancel()
        }
        switch job.outcome {
        case .failed(let error): throw error
        case .cancelled: throw CancellationError()
        case .finished, nil: break
        }
    }

    private func pass() {
        for scheduler in schedulers.values where scheduler.hasWork {
            for job in scheduler.step() { job.wakeIfSatisfied() }
            for job in scheduler.jobs { job.wakeIfSatisfied() }
        }
    }

    /// Lets another waiting caller run the passes from here on.
    private func wakeSuccessor() {
        for scheduler in schedulers.values {
            if let job = scheduler.jobs.first(where: \.isAwaited) { return job.wake() }
        }
    }

    // MARK: - Layer programs

    private nonisolated func fingerprint(
        _ program: [Int]?, _ adapter: AdapterReference? = nil
    ) -> ModelFingerprint {
        var fingerprint = baseFingerprint
        fingerprint.layerProgram = program
        fingerprint.adapter = adapter?.description
        return fingerprint
    }

    private func scheduler(for program: [Int]?) throws -> BatchScheduler {
        let layers = weights.configuration.layers
        let program = program ?? Array(0..<layers)
        if let scheduler = schedulers[program] { return scheduler }
        guard !program.isEmpty, program.allSatisfy({ 0..<layers ~= $0 }) else {
            throw ModelError.invalidRequest("layer program \(program): expected layers in 0..<\(layers)")
        }
        let layout = KVLayout(
            slots: program.count, kvHeads: weights.configuration.keyValueHeads,
            headDim: weights.configuration.headWidth,
            element: precision == .exact ? .float32 : .float16)
        let pages = KVPagePool(layout: layout, memory: memory)
        let scratch = schedulers.values.first?.scratch
        let forwardPass = ForwardPass(
            weights: weights, precision: precision, program: program, pages: pages, pool: pool,
            scratch: scratch ?? ForwardScratch(weights.configuration, rows: options.passRows, headRows: 16))
        let scheduler = BatchScheduler(forwardPass: forwardPass, prefixes: prefixes)
        schedulers[program] = scheduler
        return scheduler
    }

    // MARK: - Text

    /// Whether the model comes with a vocabulary.
    nonisolated var hasTokenizer: Bool { stored.hasVocabulary }

    /// The model's tokenizer, built when it is first asked for.
    ///
    /// - Returns: the tokenizer.
    /// - Throws: `TokenizerError`, `WeightFileError` or `ModelError` saying what is wrong with the vocabulary.
    public func tokenizer() throws -> Tokenizer {
        if let loadedTokenizer { return loadedTokenizer }
        let tokenizer = try stored.makeTokenizer()
        loadedTokenizer = tokenizer
        return tokenizer
    }

    /// The model's tokenizer; nil for a model without a vocabulary.
    func tokenizerIfAny() throws -> Tokenizer? {
        // What was read once stays, whatever has become of the files since.
        if let loadedTokenizer { return loadedTokenizer }
        return hasTokenizer ? try tokenizer() : nil
    }

    // MARK: - Figures

    /// Passes run so far and rows computed in them.
    package var occupancy: (passes: Int, rows: Int) {
        schedulers.values.reduce((0, 0)) { ($0.0 + $1.passes, $0.1 + $1.rows) }
    }

    /// Bytes of packed weights, all of which a decoded token reads.
    package var bytesPerToken: Int { weights.packedBytes }

    /// Rows that sequences found in the prefix cache instead of computing them.
    package var sharedRows: Int { prefixes?.hits ?? 0 }

    /// Bytes of keys and values in use: by running sequences, by caches that callers hold, and by the prefix cache.
    package var usedMemory: Int { memory.used }

    /// The most memory that keys and values may take, in bytes.
    package nonisolated var memoryLimit: Int { memory.limit }

    /// Forgets prefixes until memory is free, or none is left.
    ///
    /// What the prefix cache holds is no measure of what it would free: sequences, and caches that callers hold, may share
    /// its pages.
    ///
    /// - Parameter wanted: bytes of keys and values that are to be free.
    /// - Returns: bytes that are free, whether or not they are enough.
    package func freeMemory(atLeast wanted: Int) -> Int {
        while memory.available < wanted, prefixes?.evict(1) == true {}
        return memory.available
    }

    /// Sequences that have not ended, waiting readers' included.
    package var sequenceCount: Int { schedulers.values.reduce(0) { $0 + $1.jobs.count } }

    /// The mean Euclidean norm of the effective input embeddings: what latent vectors are rescaled to.
    ///
    /// Complexity: reads the whole embedding table once; kept afterwards.
    package var meanEmbeddingNorm: Float {
        if let embeddingNorm { return embeddingNorm }
        let norm = weights.meanEmbeddingNorm()
        embeddingNorm = norm
        return norm
    }
}
