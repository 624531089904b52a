internal import OrderedCollections
internal import StoaCore

/// What a training has come to so far: what its reply says, and what a checkpoint must remember beside the numbers.
struct TrainingRecord: Equatable {
    /// The loss of each step, before it.
    var losses: [Double] = []
    /// Other figures of the last step.
    var figures: [String: Double] = [:]
    /// Tokens that went through the model.
    var tokens = 0
    /// Of these, the tokens that were learned.
    var scoredTokens = 0
    /// Log-probabilities of each example's sides under the reference; empty where nothing is compared.
    var references: [[Double]] = []

    /// Adds a step.
    mutating func add(_ report: StepReport) {
        losses.append(report.loss)
        figures = report.figures
        figures["gradient_norm"] = report.gradientNorm
        figures["skipped_steps"] = Double(report.skippedSteps)
        tokens += report.tokens
        scoredTokens += report.scoredTokens
    }
}

extension TrainingRecord {
    /// What a checkpoint carries.
    var document: JSONValue {
        let names = figures.keys.sorted()
        return [
            "losses": Self.list(losses), "figure_names": .array(names.map { .string($0) }),
            "figures": Self.list(names.map { figures[$0] ?? 0 }), "tokens": .integer(Int64(tokens)),
            "scored_tokens": .integer(Int64(scoredTokens)), "references": .array(references.map(Self.list)),
        ]
    }

    /// Reads the document; nil for anything else.
    init?(_ document: JSONValue) {
        guard let losses = Self.numbers(document["losses"]), let values = Self.numbers(document["figures"]),
            let names = document["figure_names"]?.arrayValue?.compactMap(\.stringValue), names.count == values.count,
            let tokens = document["tokens"]?.intValue, let scored = document["scored_tokens"]?.intValue,
            let references = document["references"]?.arrayValue?.map({ Self.numbers($0) ?? [] })
        else { return nil }
        self.init(
            losses: losses, figures: Dictionary(zip(names, values), uniquingKeysWith: { $1 }), tokens: tokens,
            scoredTokens: scored, references: references)
    }

    /// Bit patterns: JSON has no word for what is not finite.
    private static func list(_ numbers: [Double]) -> JSONValue {
        .array(numbers.map { .string(String($0.bitPattern, radix: 16)) })
    }

    private static func numbers(_ list: JSONValue?) -> [Double]? {
        list?.arrayValue?.compactMap { $0.stringValue.flatMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:)) }
    }
}
