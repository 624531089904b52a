internal import OrderedCollections
internal import StoaCore

/// What a model has in mind before the conversation of a step: the latents and words of other steps, and which part of
/// them.
public struct StepBackground: Sendable {
    /// The keys of a step that say so.
    public static let fields: [PlanField] = [
        PlanField(
            "after", .stepNames,
            "steps whose latents the model has in mind before the prompt; words that they passed on stand in front"
        ),
        PlanField("base", .stepName, "a step whose latent all of 'after' continue: its rows are kept once"),
        PlanField("recall", .wordOrObject(PlanRecall.rows, PlanRecall.fields), PlanRecall.summary),
        PlanField(
            "translate", .boolean, "whether latents of other models are mapped to this one's space; absent: false"),
    ]

    /// The steps, in order.
    public var after: [String]
    /// What all of them continue; nil for nothing.
    public var base: String?
    /// Which rows of their latents are kept; nil for all.
    public var recall: PlanRecall?
    /// Whether latents of other models are mapped to this one's space.
    public var translates: Bool

    /// Describes what is in mind; by default nothing.
    public init(after: [String] = [], base: String? = nil, recall: PlanRecall? = nil, translates: Bool = false) {
        self.after = after
        self.base = base
        self.recall = recall
        self.translates = translates
    }

    /// The steps and parameters it reads.
    public var names: [String] { PlanNames.union(after, base.map { [$0] }, recall?.names) }
}

/// Which rows of latents a step recalls, as far as it is known before it is carried out.
public struct PlanRecall: Sendable {
    static let rows = LatentRecall.Rows.allCases.map(\.rawValue)
    static let summary = "which rows of the latents are kept; absent: full"

    /// The keys of its mapping.
    static let fields: [PlanField] = [
        PlanField("rows", .word(rows), "the kinds of rows that are kept; absent: full"),
        PlanField("authors", .strings, "the agents whose rows are kept; absent: everybody's"),
        PlanField("prune", .object(PlanPruning.fields), "how many of these rows are kept; absent: all"),
        PlanField("sink", .count(PlanLimits.rows), "how many of the very first rows are always kept; absent: 4"),
        PlanField(
            "positions", .word(LatentRecall.Positions.allCases.map(\.rawValue)),
            "whether what is kept moves together (compact) or stays where it is (keep); absent: compact"),
    ]

    /// The kinds of rows that are kept; nil for all.
    public var rows: PlanWord?
    /// The agents whose rows are kept; nil for everybody's.
    public var authors: [String]?
    /// How many of these rows are kept; nil for all.
    public var pruning: PlanPruning?
    /// How many of the very first rows are always kept; nil for the usual number.
    public var sink: PlanCount?
    /// Which positions the kept rows get; nil for contiguous ones.
    public var positions: PlanWord?

    /// The names it reads.
    public var names: [String] {
        PlanNames.union(rows?.names, pruning?.names, sink?.names, positions?.names)
    }
}

/// How many rows are kept, as far as it is known before the step is carried out.
public struct PlanPruning: Sendable {
    /// The keys of its mapping.
    static let fields: [PlanField] = [
        PlanField(
            "by", .word(LatentPruning.Score.allCases.map(\.rawValue)),
            "what rows are scored by; absent: similarity"),
        PlanField("fraction", .amount(PlanLimits.fraction), "the part of all rows that is kept; absent: 0.8"),
        PlanField("least", .count(PlanLimits.rows), "the least number of rows that is kept; absent: 5"),
        PlanField(
            "strategy", .word(LatentPruning.Strategy.allCases.map(\.rawValue)),
            "which scores are kept; absent: top"),
    ]

    /// What rows are scored by; nil for the usual.
    public var score: PlanWord?
    /// The part of all rows that is kept; nil for the usual.
    public var fraction: PlanAmount?
    /// The least number of rows that is kept; nil for the usual.
    public var least: PlanCount?
    /// Which scores are kept; nil for the usual.
    public var strategy: PlanWord?

    /// The names it reads.
    public var names: [String] { PlanNames.union(score?.names, fraction?.names, least?.names, strategy?.names) }
}

extension PlanReader {
    /// What the model has in mind before a step's conversation.
    func background() -> StepBackground {
        let background = StepBackground(
            after: latentSteps("after"), base: latentStep("base"), recall: recall("recall"),
            translates: boolean("translate") ?? false)
        for key in ["base", "recall", "translate"] where has(key) && !has("after") {
            report(
                "'\(key)' is about the latents of other steps, and this step names none", at: key,
                suggestion: "add 'after'")
        }
        return background
    }

    private func recall(_ key: String) -> PlanRecall? {
        let (word, mapping) = wordOrMapping(key)
        guard let mapping else { return word.map { PlanRecall(rows: $0) } }
        var recall = PlanRecall()
        recall.rows = mapping.word("rows")
        recall.authors = mapping.authors("authors")
        if let pruning = mapping.object("prune") {
            recall.pruning = PlanPruning(
                score: pruning.word("by"), fraction: pruning.amount("fraction"), least: pruning.count("least"),
                strategy: pruning.word("strategy"))
        }
        recall.sink = mapping.count("sink")
        recall.positions = mapping.word("positions")
        return recall
    }

    private func authors(_ key: String) -> [String]? {
        guard let names = strings(key) else { return nil }
        for (index, name) in names.enumerated() where decoding.agents[name] == nil {
            decoding.report(
                "there is no agent \(JSONText.quoted(name))",
                at: members[key]?.stringValue == nil ? path[key][index] : path[key],
                suggestion: Suggestion.text(for: name, among: decoding.agents.keys))
        }
        return names
    }
}
