internal import CStoaKernels
public import StoaCore
public import StoaModel
internal import StoaTensor

/// How fast the engine is on one model: `stoa bench engine`.
///
/// Every figure is taken `repetitions` times after one warm-up, in one process, prefix sharing off. Prompts are fixed
/// token ids; decoding is greedy and does not stop at the end of a turn, so that all runs do equal work.
public struct EngineBenchmark: Sendable {
    /// Names the model in the document.
    public var model: String
    /// The weights.
    public var path: String
    /// How the model is run; prefix sharing is switched off.
    public var options: LocalModel.Options
    /// Samples of each figure.
    public var repetitions = 5
    private let clock: any TimeSource

    /// Creates a benchmark.
    ///
    /// - Parameters:
    ///   - model: names the model.
    ///   - path: the weights.
    ///   - options: how the model is run.
    ///   - clock: what time is measured with.
    public init(model: String, path: String, options: LocalModel.Options, clock: any TimeSource) {
        self.model = model
        self.path = path
        self.options = options
        self.options.prefixMemory = 0
        self.clock = clock
    }

    /// Tokens decoded in each run.
    private static let decoded = 128
    /// Length of the prompt of the prefill figure.
    private static let prompt = 512
    /// Sequences of the batch figure, each behind this many tokens.
    private static let batch = 8
    private static let batchContext = 128

    /// Measures everything.
    ///
    /// - Parameter progress: told what is being measured.
    /// - Returns: the benchmark document of the command-line contract.
    /// - Throws: what loading or running the model throws, or `CancellationError`.
    public func run(progress: @Sendable (String) -> Void) async throws -> JSONValue {
        progress("loading")
        let load = try await repeated { _ in _ = try await LocalModel.load(path, options: options) }
        let model = try await LocalModel.load(path, options: options)
        progress("prefill of \(Self.prompt) tokens")
        let prefill = try await repeated { try await feed(model, Self.prompt, seed: $0) }
        var decode: [Int: Measurement] = [:]
        for context in [16, 512] {
            progress("decoding behind \(context) tokens")
            decode[context] = try await rates(of: Self.decoded) {
                let cache = try await model.prefill(tokens(context, seed: $0))
                return { try await self.continueText(model, from: cache) }
            }
        }
        progress("latent steps")
        let latent = try await rates(of: Self.decoded) { seed in
            let cache = try await model.prefill(tokens(16, seed: seed))
            return { _ = try await model.think(tokens(1, seed: seed), steps: Self.decoded - 1, from: cache) }
        }
        let peak = MachineDescription.peakResidentMB
        progress("decoding under a schema")
        let constraint = ConstraintBenchmark(model: model, repetitions: repetitions, clock: clock)
        let constrained = try await constraint.run { tokens(16, seed: $0) }
        progress("decoding \(Self.batch) sequences together")
        let together = try await rates(of: Self.batch * Self.decoded) { seed in
            var caches: [KVCache] = []
            for index in 0..<Self.batch {
                caches.append(try await model.prefill(tokens(Self.batchContext, seed: seed * Self.batch + index)))
            }
            return { [caches] in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for cache in caches { group.addTask { try await self.continueText(model, from: cache) } }
                    try await group.waitForAll()
                }
            }
        }
        progress("memory bandwidth")
        let bytes = await model.bytesPerToken
        let (bandwidth, fraction) = try await bandwidthUse(model, bytes: bytes)
        return document(
            load: load, prefill: prefill, decode: decode, latent: latent, constrained: constrained, together: together,
            bandwidth: bandwidth, fraction: fraction, bytes: bytes, peak: peak)
    }

    /// The rate at which memory of the weights' size can be read, and the part of it that decoding uses.
    ///
    /// Both are taken by turns, reading before and after each decoding, because the bandwidth of a shared machine changes
    /// from second to second.
    private func bandwidthUse(
        _ model: LocalModel, bytes: Int
    ) async throws -> (bandwidth: Measurement, fraction: Measurement) {
        let lane = ComputeLane(threads: options.threads)
        let threads = options.threads
        func read() async throws -> Double {
            try await lane.run {
                let pool = KernelPool(threads: threads)
                // The pointer alone does not keep the workers alive.
                return withExtendedLifetime(pool) { stk_measure_read_bandwidth(pool.pointer, bytes, 3) }
            }
        }
        var rates = [try await read()]
        var fractions: [Double] = []
        for repetition in 1...repetitions {
            let cache = try await model.prefill(tokens(16, seed: repetition))
            let start = clock.now
            try await continueText(model, from: cache)
            let used = Double(Self.decoded * bytes) / seconds(clock.now - start)
            rates.append(try await read())
            fractions.append(used / ((rates[repetition - 1] + rates[repetition]) / 2))
        }
        return (Measurement(rates), Measurement(fractions))
    }

    // MARK: - Parts

    private func document(
        load: Measurement, prefill: Measurement, decode: [Int: Measurement], latent: Measurement,
        constrained: (rate: Measurement, cost: Measurement), together: Measurement, bandwidth: Measurement,
        fraction: Measurement, bytes: Int, peak: Double
    ) -> JSONValue {
        let seconds = prefill.samples
        return [
            "machine": MachineDescription(threads: options.threads).document,
            "model": .string(model), "precision": .string(options.precision.rawValue),
            "repetitions": .integer(Int64(repetitions)),
            "decode_tokens_per_second": [
                "context_16": decode[16]?.document ?? .null, "context_512": decode[512]?.document ?? .null,
            ],
            "prefill_tokens_per_second": Measurement(seconds.map { Double(Self.prompt) / $0 }).document,
            "batch8_decode_tokens_per_second": together.document,
            "latent_steps_per_second": latent.document,
            "schema_decode_tokens_per_second": constrained.rate.document,
            "schema_cost": constrained.cost.document,
            "load_seconds": load.document,
            "peak_rss_mb": Measurement([peak]).document,
            "weight_bytes_per_token": .integer(Int64(bytes)),
            "read_bandwidth_gb_per_second": Measurement(bandwidth.samples.map { $0 / 1e9 }).document,
            "fraction_of_bandwidth": fraction.document,
        ]
    }

    private func tokens(_ count: Int, seed: Int) -> [ModelInput] {
        let stream = RandomStream(seed: UInt64(seed)).child("benchmark prompt")
        return (0..<count).map {
            .token(TokenID(rawValue: Int32(1000 + stream.integer(at: UInt64($0), below: 30_000))))
        }
    }

    private func feed(_ model: LocalModel, _ count: Int, seed: Int) async throws {
        // The head on the last position belongs to it: that is what a caller waits for.
        _ = try await model.generate(tokens(count, seed: seed), request: request(tokens: 1))
    }

    private func continueText(_ model: LocalModel, from cache: KVCache) async throws {
        _ = try await model.generate(
            [.token(TokenID(rawValue: 1000))], from: cache, request: request(tokens: Self.decoded))
    }

    private func request(tokens: Int) -> GenerationRequest {
        var request = GenerationRequest()
        request.sampling = .greedy
        request.maximumTokens = tokens
        request.ignoresEndOfTurn = true
        // Past its end a text repeats itself, and guesses would cost nothing: what is measured is decoding.
        request.drafts = false
        return request
    }

    /// Seconds of `body`, one warm-up not counted.
    private func repeated(_ body: (Int) async throws -> Void) async throws -> Measurement {
        try await body(0)
        var samples: [Double] = []
        for repetition in 1...repetitions {
            let start = clock.now
            try await body(repetition)
            samples.append(seconds(clock.now - start))
        }
        return Measurement(samples)
    }

    /// Units per second of what `prepare` returns; preparing is not timed.
    private func rates(
        of units: Int, prepare: (Int) async throws -> () async throws -> Void
    ) async throws -> Measurement {
        var samples: [Double] = []
        for repetition in 0...repetitions {
            let body = try await prepare(repetition)
            let start = clock.now
            try await body()
            if repetition > 0 { samples.append(Double(units) / seconds(clock.now - start)) }
        }
        return Measurement(samples)
    }

    private func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
