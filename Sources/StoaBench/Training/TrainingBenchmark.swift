internal import OrderedCollections
public import StoaCore
internal import StoaModel
public import StoaTraining

/// How fast adapters are trained, and in how much memory.
///
/// Both precisions are measured, one after the other, bf16 first: the peak of the process is then the peak of each.
public struct TrainingBenchmark: Sendable {
    /// The model's name in the document.
    public let model: String
    /// Its file or folder.
    public let path: String
    /// What is trained; its first step is a warm-up and not counted.
    public var job: TrainingJob
    /// The precisions to measure.
    public var precisions: [MatrixPrecision] = [.bfloat16, .float32]
    /// Threads, activations and rows.
    public var options = TrainerOptions()
    /// A folder for the adapters, as PEFT keeps them, one below it for each precision; nil to keep none.
    public var out: String?
    private let clock: any TimeSource

    /// Creates a benchmark.
    ///
    /// - Parameters:
    ///   - model: the model's name in the document.
    ///   - path: its file or folder.
    ///   - job: what is trained.
    ///   - clock: what measures.
    public init(model: String, path: String, job: TrainingJob, clock: any TimeSource) {
        self.model = model
        self.path = path
        self.job = job
        self.clock = clock
    }

    /// What one precision came to.
    private struct Result {
        var rates: [Double] = []
        var losses: [Double] = []
        var peak = 0.0
    }

    /// Measures.
    ///
    /// - Parameter progress: is told what is measured.
    /// - Returns: the benchmark document; the figures at its top are those of the faster precision.
    /// - Throws: what loading and training throw.
    public func run(progress: (String) -> Void) async throws -> JSONValue {
        var results: [(precision: MatrixPrecision, result: Result)] = []
        for precision in precisions {
            progress("training in \(Self.name(precision))")
            results.append((precision, try await measure(precision)))
        }
        let best = results.max { Measurement($0.result.rates).median < Measurement($1.result.rates).median }
        var document: JSONValue.Members = [
            "machine": MachineDescription(threads: options.threads).document, "model": .string(model),
            "repetitions": .integer(Int64(results.first?.result.rates.count ?? 0)),
            "rank": .integer(Int64(job.configuration.rank)),
            "tokens_per_step": .integer(Int64(job.tokens / job.steps.count)),
            "micro_batch_rows": .integer(Int64(options.rows)),
            "activations": .string(options.activations.rawValue),
        ]
        if let best {
            document["precision"] = .string(Self.name(best.precision))
            document["tokens_per_second"] = Measurement(best.result.rates).document
            document["peak_rss_mb"] = Measurement([best.result.peak]).document
        }
        for (precision, result) in results {
            document[Self.name(precision)] = [
                "tokens_per_second": Measurement(result.rates).document,
                "peak_rss_mb": Measurement([result.peak]).document,
                "losses": .array(result.losses.map { .number($0) }),
            ]
        }
        return .object(document)
    }

    private static func name(_ precision: MatrixPrecision) -> String { precision == .bfloat16 ? "bf16" : "fp32" }

    private func measure(_ precision: MatrixPrecision) async throws -> Result {
        var options = options
        options.precision = precision
        let trainer = try await job.makeTrainer(model: path, options: options)
        var result = Result()
        for index in job.steps.indices {
            let start = clock.now
            let report = try await job.step(index, with: trainer)
            let seconds = (clock.now - start) / .seconds(1)
            if index > 0 || job.steps.count == 1 { result.rates.append(Double(report.tokens) / seconds) }
            result.losses.append(report.loss)
        }
        // The loss behind the last step, of the first batch.
        let first = job.steps[0]
        result.losses.append(
            try await trainer.gradients(of: first, objective: LikelihoodObjective.tokenMean(first)).loss)
        result.peak = MachineDescription.peakResidentMB
        if let out { try await trainer.writePEFT(to: "\(out)/\(Self.name(precision))", baseModel: model) }
        return result
    }
}
