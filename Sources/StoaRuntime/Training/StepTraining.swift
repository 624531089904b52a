internal import OrderedCollections
internal import StoaCore

/// How a step trains, as far as it is known before it is carried out.
public struct StepTraining: Sendable {
    /// What is learned by likelihood alone, without comparing.
    static let likelihood = "sft"
    /// The losses there are.
    static let losses = [likelihood, "dpo", "ipo"]
    /// The keys that only losses of preferences have.
    private static let ofPreferences = ["beta", "label_smoothing"]

    /// The keys of a step that say so.
    public static let fields: [PlanField] = {
        let usual = TrainingSettings()
        func number(_ value: Double) -> String { JSONValue.number(value).text }
        return [
            PlanField(
                "loss", .word(losses), "what is made small: of texts (sft) or of preferences; absent: \(usual.loss)"),
            PlanField("beta", .amount(0...1000), "how strictly preferences are held to the reference"),
            PlanField(
                "label_smoothing", .amount(0...0.5), "which part of preferences is taken to be the wrong way round"),
            PlanField("rank", .count(1...1024), "the rank of a new adapter; absent: \(usual.rank)"),
            PlanField(
                "alpha", .amount(0...1e6),
                "divided by the rank, what the adapter is multiplied by; absent: "
                    + number(usual.alpha)),
            PlanField(
                "targets", .strings,
                "the matrices that a new adapter adapts, such as q_proj, or an expression in {{ }} that lists them; "
                    + "absent: all of a layer"),
            PlanField(
                "learning_rate", .amount(0...1), "the greatest step size; absent: \(number(usual.learningRate))"),
            PlanField(
                "schedule", .word(["constant", "linear", "cosine"]),
                "what the step size does over the run; absent: \(usual.schedule)"),
            PlanField(
                "warmup", .amount(0...1),
                "the part of the steps over which the step size grows; absent: "
                    + number(usual.warmup)),
            PlanField("epochs", .amount(0...1000), "how often each example is seen; absent: \(number(usual.epochs))"),
            PlanField("batch", .count(1...65_536), "the examples of a step; absent: \(usual.batch)"),
            PlanField(
                "max_tokens", .count(PlanLimits.tokens),
                "the most tokens of one side of an example, longer ones are left out; absent: \(usual.maximumTokens)"),
            PlanField("weight_decay", .amount(0...1), "decoupled weight decay; absent: \(number(usual.weightDecay))"),
            PlanField(
                "gradient_norm", .amount(0...1e6),
                "the greatest norm of a step's gradients, 0 for no bound; absent: "
                    + number(usual.maximumGradientNorm ?? 0)),
            PlanField(
                "precision", .word(["bf16", "fp32"]), "how matrix products are rounded; absent: \(usual.precision)"),
        ]
    }()

    /// The matrices that a new adapter adapts.
    public enum Targets: Sendable {
        /// Written down.
        case literal([String])
        /// Computed when they are needed.
        case expression(PlanExpression)
    }

    /// What is made small; nil for the usual.
    public var loss: PlanWord?
    /// How strictly preferences are held to the reference; nil for what the trainer takes.
    public var beta: PlanAmount?
    /// Which part of preferences is taken to be the wrong way round; nil for what the trainer takes.
    public var labelSmoothing: PlanAmount?
    /// The rank of a new adapter; nil for the usual.
    public var rank: PlanCount?
    /// Divided by the rank, what the adapter is multiplied by; nil for the usual.
    public var alpha: PlanAmount?
    /// The matrices that a new adapter adapts; nil for all of a layer.
    public var targets: Targets?
    /// The greatest step size; nil for the usual.
    public var learningRate: PlanAmount?
    /// What the step size does over the run; nil for the usual.
    public var schedule: PlanWord?
    /// The part of the steps over which the step size grows; nil for the usual.
    public var warmup: PlanAmount?
    /// How often each example is seen; nil for the usual.
    public var epochs: PlanAmount?
    /// The examples of a step; nil for the usual.
    public var batch: PlanCount?
    /// The most tokens of one side of an example; nil for the usual.
    public var maximumTokens: PlanCount?
    /// Decoupled weight decay; nil for the usual.
    public var weightDecay: PlanAmount?
    /// The greatest norm of a step's gradients, 0 for no bound; nil for the usual.
    public var gradientNorm: PlanAmount?
    /// How matrix products are rounded; nil for the usual.
    public var precision: PlanWord?

    /// Reads how a step trains.
    init(reading reader: PlanReader) {
        loss = reader.word("loss")
        beta = reader.amount("beta")
        labelSmoothing = reader.amount("label_smoothing")
        rank = reader.count("rank")
        alpha = reader.amount("alpha")
        targets = reader.targets("targets")
        learningRate = reader.amount("learning_rate")
        schedule = reader.word("schedule")
        warmup = reader.amount("warmup")
        epochs = reader.amount("epochs")
        batch = reader.count("batch")
        maximumTokens = reader.count("max_tokens")
        weightDecay = reader.amount("weight_decay")
        gradientNorm = reader.amount("gradient_norm")
        precision = reader.word("precision")
        let isOfTexts: Bool =
            switch loss {
            case nil: !reader.has("loss")
            case .literal(let word)?: word == Self.likelihood
            case .text?: false
            }
        for key in Self.ofPreferences + ["reference"] where isOfTexts && reader.has(key) {
            reader.report(
                "'\(key)' is about preferences, and the loss is '\(Self.likelihood)'", at: key,
                suggestion: "add 'loss: dpo', or leave it out")
        }
    }

    /// The names it reads.
    public var names: [String] {
        let matrices: [String]? = if case .expression(let expression)? = targets { expression.names } else { nil }
        return PlanNames.union(
            loss?.names, beta?.names, labelSmoothing?.names, rank?.names, alpha?.names, matrices, learningRate?.names,
            schedule?.names, warmup?.names, epochs?.names, batch?.names, maximumTokens?.names, weightDecay?.names,
            gradientNorm?.names, precision?.names)
    }
}

extension PlanReader {
    /// How the step trains.
    func training() -> StepTraining { StepTraining(reading: self) }

    /// A list of matrices, one of them, or an expression in braces that gives a list.
    fileprivate func targets(_ key: String) -> StepTraining.Targets? {
        if let source = members[key]?.stringValue, PlanText.onlyExpression(in: source) != nil {
            return computed(key).map { .expression($0) }
        }
        return strings(key).map { .literal($0) }
    }
}

extension Conductor {
    /// How a step trains.
    func settings(_ plan: StepTraining, of step: String, in frame: Frame) async throws -> TrainingSettings {
        var settings = TrainingSettings()
        func amount(_ value: PlanAmount?, _ key: String) async throws -> Double? {
            try await self.amount(value, of: "\(step).\(key)", in: frame)
        }
        func word(_ value: PlanWord?, _ key: String) async throws -> String? {
            try await self.word(value, of: "\(step).\(key)", in: frame)
        }
        func count(_ value: PlanCount?, _ key: String) async throws -> Int? {
            guard let value else { return nil }
            return try await number(value, least: 1, of: "\(step).\(key)", in: frame)
        }
        if let loss = try await word(plan.loss, "loss") { settings.loss = loss }
        if settings.loss != StepTraining.likelihood {
            if let beta = try await amount(plan.beta, "beta") { settings.options["beta"] = .number(beta) }
            if let part = try await amount(plan.labelSmoothing, "label_smoothing") {
                settings.options["label_smoothing"] = .number(part)
            }
        }
        if let rank = try await count(plan.rank, "rank") { settings.rank = rank }
        if let alpha = try await amount(plan.alpha, "alpha") { settings.alpha = alpha }
        settings.targets = try await targets(plan.targets, of: "\(step).targets", in: frame)
        if let rate = try await amount(plan.learningRate, "learning_rate") { settings.learningRate = rate }
        if let schedule = try await word(plan.schedule, "schedule") { settings.schedule = schedule }
        if let warmup = try await amount(plan.warmup, "warmup") { settings.warmup = warmup }
        if let epochs = try await amount(plan.epochs, "epochs") { settings.epochs = epochs }
        if let batch = try await count(plan.batch, "batch") { settings.batch = batch }
        if let most = try await count(plan.maximumTokens, "max_tokens") { settings.maximumTokens = most }
        if let decay = try await amount(plan.weightDecay, "weight_decay") { settings.weightDecay = decay }
        if let norm = try await amount(plan.gradientNorm, "gradient_norm") {
            settings.maximumGradientNorm = norm == 0 ? nil : norm
        }
        if let precision = try await word(plan.precision, "precision") { settings.precision = precision }
        return settings
    }

    private func targets(
        _ targets: StepTraining.Targets?, of subject: String, in frame: Frame
    ) async throws -> [String] {
        switch targets {
        case nil: return []
        case .literal(let names)?: return names
        case .expression(let expression)?:
            let value = try await evaluate(expression, in: frame)
            guard let names = value.arrayValue?.map(\.stringValue), !names.contains(nil) else {
                throw WorkFailure(
                    failure: EffectFailure(
                        kind: .badInput,
                        message: "\(subject): expected a list of texts, found \(JSONText.kind(of: value)) from "
                            + "{{ \(expression.source) }}"))
            }
            return names.compactMap { $0 }
        }
    }
}
