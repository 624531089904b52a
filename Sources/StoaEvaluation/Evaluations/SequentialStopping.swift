internal import StoaCore

/// Whether enough problems were asked: the betting interval of the accuracy is short enough.
///
/// The interval holds at all looks together, so stopping at the first that pleases does not bend it.
struct SequentialStopping: Sendable {
    /// The interval of the accuracy, over the problems in the order in which they were asked.
    let interval: ConfidenceInterval
    /// How many problems it is made of.
    let problems: Int
    /// Whether it is as short as was wished.
    let isReached: Bool

    /// Looks at an evaluation; nil where all problems are to be asked in any case.
    init?(_ content: EvaluationLog.Content) {
        guard let width = content.definition.stopWidth else { return nil }
        var scores: [Int: [Double]] = [:]
        for item in content.items { scores[item.problem, default: []].append(item.isCorrect ? 1 : 0) }
        var sequence = BettingSequence()
        for problem in content.definition.order {
            guard let tries = scores[problem] else { break }
            sequence.add(tries.reduce(0, +) / Double(tries.count))
        }
        interval = sequence.interval
        problems = sequence.count
        isReached = sequence.interval.width <= width
    }
}
