internal import OrderedCollections
internal import StoaCore
internal import StoaModel

/// A request's settings, checked and in the trainer's own terms.
struct TrainingPlan {
    let loss: any TrainingLoss
    /// What a new adapter is.
    let adapter: AdapterConfiguration
    let precision: MatrixPrecision
    private let settings: TrainingSettings

    /// Reads settings.
    ///
    /// - Parameter settings: the request's.
    /// - Throws: `TrainingError` or `AdapterError` that names the setting.
    init(_ settings: TrainingSettings) throws {
        loss = try TrainingLosses.loss(for: settings)
        let targets = try settings.targets.map { name throws(TrainingError) in
            guard let target = AdapterTarget(name: name) else {
                throw Self.invalid(
                    "targets", AdapterTarget.allCases.map(\.rawValue).joined(separator: ", "), name)
            }
            return target
        }
        adapter = try AdapterConfiguration(
            rank: settings.rank, alpha: settings.alpha, targets: targets.isEmpty ? AdapterTarget.allCases : targets)
        guard let precision = Self.precisions[settings.precision] else {
            throw Self.invalid("precision", Self.precisions.keys.joined(separator: " or "), settings.precision)
        }
        self.precision = precision
        self.settings = settings
        let numbers: [(name: String, value: Double, isValid: Bool, expected: String)] = [
            ("epochs", settings.epochs, settings.epochs > 0, "a number above 0"),
            ("warmup", settings.warmup, 0...1 ~= settings.warmup, "a part from 0 to 1"),
            ("learning rate", settings.learningRate, settings.learningRate >= 0, "a number from 0 on"),
            ("weight decay", settings.weightDecay, settings.weightDecay >= 0, "a number from 0 on"),
            ("gradient norm", settings.maximumGradientNorm ?? 1, settings.maximumGradientNorm ?? 1 > 0, "more than 0"),
            ("batch", Double(settings.batch), settings.batch >= 1, "1 or more"),
            ("tokens of a side", Double(settings.maximumTokens), settings.maximumTokens >= 2, "2 or more"),
        ]
        for number in numbers where !(number.value.isFinite && number.isValid) {
            throw Self.invalid(number.name, number.expected, "\(number.value)")
        }
        // Fails here rather than after the model was loaded.
        _ = try LearningRateSchedules.schedule(settings.schedule, warmup: 0)
    }

    private static let precisions: OrderedDictionary<String, MatrixPrecision> = [
        "bf16": .bfloat16, "fp32": .float32,
    ]

    private static func invalid(_ name: String, _ expected: String, _ found: String) -> TrainingError {
        TrainingError(
            .invalidConfiguration, kind: .usage, "training \(name): expected \(expected), found \(found)")
    }

    // MARK: - Steps

    /// How many examples go through the model, those of a later epoch anew.
    func visits(of count: Int) -> Int { max(1, Int((settings.epochs * Double(count)).rounded())) }

    /// How many steps that takes; the last may be a short one.
    func steps(of count: Int) -> Int { (visits(of: count) + settings.batch - 1) / settings.batch }

    /// The examples of a step.
    func indices(of step: Int, in order: ExampleOrder) -> [Int] {
        let left = visits(of: order.count) - step * settings.batch
        return Array(order.indices(step: step, size: settings.batch).prefix(left))
    }

    /// The trainer's options.
    ///
    /// - Parameters:
    ///   - count: how many examples there are.
    ///   - rows: rows of a micro-batch.
    ///   - threads: kernel threads.
    ///   - seed: where the numbers of a new adapter come from.
    /// - Returns: options for a run over that many examples.
    /// - Throws: `TrainingError` for a schedule that nobody knows.
    func options(count: Int, rows: Int, threads: Int, seed: UInt64) throws(TrainingError) -> TrainerOptions {
        let steps = steps(of: count)
        let warmup = Int(settings.warmup * Double(steps))
        var options = TrainerOptions()
        options.threads = threads
        options.precision = precision
        options.rows = rows
        options.optimiser = AdamW(learningRate: settings.learningRate, weightDecay: settings.weightDecay)
        // The rise begins at 0: one that is over after a step would be a step for nothing.
        options.schedule = try LearningRateSchedules.schedule(settings.schedule, warmup: warmup > 1 ? warmup : 0)
        options.totalSteps = steps
        options.maximumGradientNorm = settings.maximumGradientNorm
        options.seed = seed
        return options
    }
}
