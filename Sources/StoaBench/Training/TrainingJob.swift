internal import StoaCore
public import StoaModel
internal import StoaTensor
public import StoaTraining

/// Given batches and settings: what benchmarks and comparisons with other trainers share.
///
/// As a file it is JSON: `rank`, `alpha`, `targets`, `learning_rate`, `weight_decay`, `maximum_gradient_norm`, `adapter` (a
/// PEFT folder beside the file; left out for a new one) and `steps`: for each step an array of sequences with `tokens`, and
/// `scored` (0 or 1 for each token; all but the first where it is left out).
public struct TrainingJob: Sendable {
    /// The batches, one for each step.
    public var steps: [[TrainingGroup]]
    /// What the adapter is.
    public var configuration: AdapterConfiguration
    /// What the optimiser is.
    public var optimiser = AdamW(learningRate: 2e-4)
    /// The greatest norm of a step's gradients; nil for no bound.
    public var maximumGradientNorm: Double? = 1
    /// A PEFT folder to begin with; nil for a new adapter.
    public var adapterFolder: String?

    /// Makes a job of tokens drawn by chance: what is measured does not depend on which they are.
    ///
    /// - Parameters:
    ///   - steps: how many steps.
    ///   - batch: sequences of a step.
    ///   - length: tokens of a sequence.
    ///   - rank: the adapter's rank.
    /// - Throws: `AdapterError` or `TrainingError` where a size is out of its range.
    public init(steps: Int, batch: Int, length: Int, rank: Int) throws {
        let stream = RandomStream(seed: 1).child("training benchmark")
        configuration = try AdapterConfiguration(rank: rank, alpha: Double(2 * rank))
        self.steps = try (0..<steps).map { step in
            try (0..<batch).map { row in
                let numbers = stream.child(step).child(row)
                let tokens = (0..<length).map {
                    TokenID(rawValue: Int32(1000 + numbers.integer(at: UInt64($0), below: 30_000)))
                }
                return TrainingGroup([
                    try TrainingSequence(tokens: tokens, isScored: tokens.indices.map { $0 > 0 })
                ])
            }
        }
    }

    /// Reads a file.
    ///
    /// - Parameter path: the file.
    /// - Throws: `WeightFileError`, `JSONError`, `AdapterError` or `TrainingError` where it cannot be used.
    public init(path: String) throws {
        let file = try MappedFile(path: path)
        let document = try JSONParser.parse(file.bytes(in: 0..<file.count).array)
        func number(_ key: String) throws -> Double {
            guard let value = document[key]?.doubleValue else {
                throw WeightFileError(
                    .malformed, path: path, subject: "training job", problem: "expected \(key) as a number")
            }
            return value
        }
        let targets = (document["targets"]?.arrayValue ?? []).compactMap { name in
            name.stringValue.flatMap(AdapterTarget.init(name:))
        }
        configuration = try AdapterConfiguration(
            rank: Int(try number("rank")), alpha: try number("alpha"),
            targets: targets.isEmpty ? AdapterTarget.allCases : targets)
        optimiser = AdamW(learningRate: try number("learning_rate"), weightDecay: try number("weight_decay"))
        maximumGradientNorm = document["maximum_gradient_norm"]?.doubleValue
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        adapterFolder = document["adapter"]?.stringValue.map { folder + $0 }
        steps = try (document["steps"]?.arrayValue ?? []).map { step in
            try (step.arrayValue ?? []).map { TrainingGroup([try Self.sequence($0)]) }
        }
        guard !steps.isEmpty, steps.allSatisfy({ !$0.isEmpty }) else {
            throw WeightFileError(
                .malformed, path: path, subject: "training job", problem: "expected steps with a sequence each")
        }
    }

    private static func sequence(_ value: JSONValue) throws -> TrainingSequence {
        let tokens = (value["tokens"]?.arrayValue ?? []).compactMap { $0.intValue.map { TokenID(Int32($0)) } }
        let scored = value["scored"]?.arrayValue?.map { $0.intValue == 1 } ?? tokens.indices.map { $0 > 0 }
        return try TrainingSequence(tokens: tokens, isScored: scored)
    }

    /// Tokens of all steps.
    public var tokens: Int { steps.joined().reduce(0) { $0 + $1.sequences.reduce(0) { $0 + $1.tokens.count } } }

    /// Makes the trainer of the job.
    ///
    /// - Parameters:
    ///   - model: a GGUF file or a Hugging Face folder.
    ///   - options: threads, precision, activations and rows; the rest is the job's.
    /// - Returns: a trainer before its first step.
    /// - Throws: as `Trainer.load` and `Trainer.readAdapter`.
    public func makeTrainer(model: String, options: TrainerOptions = TrainerOptions()) async throws -> Trainer {
        var options = options
        options.optimiser = optimiser
        options.maximumGradientNorm = maximumGradientNorm
        options.totalSteps = max(1, steps.count)
        let trainer = try await Trainer.load(model, adapter: configuration, options: options)
        if let adapterFolder { try await trainer.start(from: trainer.readAdapter(adapterFolder)) }
        return trainer
    }

    /// Trains on one of the job's batches: the mean over its scored tokens.
    ///
    /// - Parameters:
    ///   - index: which step.
    ///   - trainer: what is trained.
    /// - Returns: what the step came to.
    /// - Throws: as `Trainer.step`.
    public func step(_ index: Int, with trainer: Trainer) async throws -> StepReport {
        try await trainer.step(steps[index], objective: LikelihoodObjective.tokenMean(steps[index]))
    }
}
