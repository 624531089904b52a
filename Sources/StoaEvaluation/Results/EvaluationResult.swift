internal import OrderedCollections
public import StoaCore

/// What an evaluation comes to: every number with what is known of its error.
///
/// A failed run and a missing answer count as wrong: leaving them out would reward a playbook for breaking down on what is
/// hard.
///
/// Determinism: a pure function of the recorded items.
public struct EvaluationResult: Sendable {
    /// The evaluation's name.
    public let id: RunID
    /// How far it is.
    public let status: RunStatus
    /// What was asked.
    public let definition: EvaluationDefinition
    /// What came of it, by problem and sample.
    public let items: [EvaluationItem]
    /// How long it took, in seconds, stops left out.
    public let seconds: Double
    /// When it began.
    public let started: WallTime
    /// The problems that have items, by their places, and the items of each.
    let tries: [(problem: Problem, items: [EvaluationItem])]
    /// The mean score: avg@k where every problem is asked k times.
    public let accuracy: Double
    /// Its interval: Wilson's; with several samples, of the effective number of tries; where one could stop early, that of
    /// the betting sequence, which stopping does not bend.
    public let interval: ConfidenceInterval
    /// Its standard error, problems taken as clusters.
    public let standardError: Double
    /// The chance that one of k tries is right, for k from 1.
    public let passAtK: [Double]
    /// The chance that the vote of k tries is right, for k from 1.
    public let majorityAtK: [Double]
    /// The bootstrap interval over problems for the last entry of `passAtK`; nil for a single try.
    public let passInterval: ConfidenceInterval?
    /// The bootstrap interval over problems for the last entry of `majorityAtK`; nil for a single try.
    public let majorityInterval: ConfidenceInterval?
    /// Whether answers are right as often as they are said to be; nil where nothing says how sure it is.
    public let calibration: Calibration?
    /// What confidence is: `stated` by the runs, or `agreement` of the samples.
    public let confidenceSource: String?
    /// A table for each field that sorts problems into kinds.
    public let strata: [StratumTable]
    /// The interval that may be looked at at any time, where the rest of the problems could be left out.
    let stopping: SequentialStopping?

    /// Computes everything.
    ///
    /// - Parameters:
    ///   - id: the evaluation's name.
    ///   - content: what is recorded of it.
    ///   - verifier: tells which answers are the same in votes; nil for those that are spelt alike.
    public init(_ id: RunID, _ content: EvaluationLog.Content, verifier: (any Verifier)? = nil) {
        self.id = id
        status = content.record.status
        definition = content.definition
        items = content.items
        seconds = content.elapsed
        started = content.record.started
        let grouped = OrderedDictionary(grouping: content.items, by: \.problem)
        let tries = grouped.map { (problem: content.definition.problems[$0.key], items: $0.value) }
        self.tries = tries
        let scores = tries.map { $0.items.map { $0.isCorrect ? 1.0 : 0 } }
        let error = ClusteredError(scores)
        accuracy = error.mean
        standardError = error.standardError
        stopping = SequentialStopping(content)
        interval = stopping?.interval ?? WilsonInterval.interval(clusters: scores)

        let outcomes = tries.map { $0.items.map(\.isCorrect) }
        let votes = tries.map { tries in
            MajorityAtK(answers: tries.items.map(\.extracted), correct: tries.items.map(\.isCorrect)) { first, other in
                verifier?.areEquivalent(first, other) ?? false
            }
        }
        let most = outcomes.map(\.count).min() ?? 0
        let counts = most == 0 ? [] : Array(1...most)
        passAtK = counts.compactMap { PassAtK.mean(outcomes, k: $0) }
        majorityAtK = counts.map { k in
            votes.reduce(0) { $0 + ($1.chance(k: k) ?? 0) } / Double(votes.count)
        }
        let bootstrap = Bootstrap(replicates: 2000, seed: content.definition.seed)
        let several = most > 1 && outcomes.count > 1
        passInterval =
            several
            ? bootstrap.mean(
                of: outcomes.compactMap { PassAtK.estimate(correct: $0.count { $0 }, tries: $0.count, k: most) }) : nil
        majorityInterval = several ? bootstrap.mean(of: votes.compactMap { $0.chance(k: most) }) : nil

        let stated = content.items.compactMap { item in item.confidence.map { ($0, item.isCorrect) } }
        if !stated.isEmpty {
            calibration = Calibration(stated)
            confidenceSource = "stated"
        } else if several {
            calibration = Calibration(votes.map { ($0.agreement, $0.isCorrect) })
            confidenceSource = "agreement"
        } else {
            calibration = nil
            confidenceSource = nil
        }
        strata = Strata.fields(of: tries.map(\.problem)).map { field in
            StratumTable(
                field: field,
                scores: zip(tries, scores).compactMap { tries, scores in
                    Strata.value(of: tries.problem, field).map { ($0, scores) }
                })
        }
    }

    // MARK: - Counts

    /// How many problems were asked.
    public var problems: Int { tries.count }
    /// How many tries were right.
    public var correct: Int { items.count { $0.isCorrect } }
    /// How many runs failed.
    public var failed: Int { items.count { $0.isFailed } }
    /// How many runs gave no answer, failed ones left out.
    public var unanswered: Int { items.count { !$0.isFailed && $0.extracted == nil } }
    /// What all runs cost the models.
    public var usage: Usage { items.reduce(.zero) { $0 + $1.usage } }
    /// How many tools were called.
    public var toolCalls: Int { items.reduce(0) { $0 + $1.toolCalls } }
    /// Questions answered in a second, all runs together.
    public var questionsPerSecond: Double { seconds > 0 ? Double(items.count) / seconds : 0 }

    /// What one right answer costs; nil where there is none.
    public func perCorrect(_ amount: Double) -> Double? { correct > 0 ? amount / Double(correct) : nil }

    /// The model called `default`, or the first of the others.
    public var model: ModelIdentity? {
        definition.models["default"] ?? definition.models.min { $0.key < $1.key }?.value
    }
}
