internal import OrderedCollections
public import StoaCore

/// How often a verifier is wrong, measured on answers whose truth is known.
///
/// A false positive is a wrong answer that is accepted; its rate is their share of all wrong answers. A false negative is a
/// right answer that is not accepted, refused or not decided; its rate is their share of all right answers.
public struct ErrorRates: Sendable, Hashable {
    /// A share of trials, with Wilson's interval.
    public struct Rate: Sendable, Hashable {
        /// How often it happened.
        public var count: Int
        /// How often it could have.
        public var trials: Int

        /// The share; nil where it could never have happened.
        public var share: Double? { trials > 0 ? Double(count) / Double(trials) : nil }

        /// The interval that holds the true share, as often as its level says.
        public func interval(level: Double = 0.95) -> ConfidenceInterval {
            WilsonInterval.interval(successes: count, trials: trials, level: level)
        }

        /// `{rate, ci95, count, of}`.
        public var document: JSONValue {
            let interval = interval()
            return [
                "rate": share.map { .number($0) } ?? .null,
                "ci95": [.number(interval.lower), .number(interval.upper)], "count": .integer(Int64(count)),
                "of": .integer(Int64(trials)),
            ]
        }
    }

    /// Right answers that were accepted.
    public private(set) var truePositives = 0
    /// Wrong answers that were accepted.
    public private(set) var falsePositiveCount = 0
    /// Wrong answers that were refused.
    public private(set) var trueNegatives = 0
    /// Right answers that were refused.
    public private(set) var falseNegativeCount = 0
    /// Right answers that were not decided.
    public private(set) var undecidedRight = 0
    /// Wrong answers that were not decided.
    public private(set) var undecidedWrong = 0

    /// Nothing measured yet.
    public init() {}

    /// Takes a verdict.
    ///
    /// - Parameters:
    ///   - isAccepted: what was said; nil where it was not decided.
    ///   - isRight: whether the answer is right.
    public mutating func add(_ isAccepted: Bool?, isRight: Bool) {
        switch (isAccepted, isRight) {
        case (true, true): truePositives += 1
        case (true, false): falsePositiveCount += 1
        case (false, true): falseNegativeCount += 1
        case (false, false): trueNegatives += 1
        case (nil, true): undecidedRight += 1
        case (nil, false): undecidedWrong += 1
        }
    }

    /// Takes a verdict.
    ///
    /// - Parameters:
    ///   - verdict: what was said.
    ///   - isRight: whether the answer is right.
    public mutating func add(_ verdict: Verdict, isRight: Bool) {
        add(verdict.isDecided ? verdict.isAccepted : nil, isRight: isRight)
    }

    /// Answers that are right.
    public var right: Int { truePositives + falseNegativeCount + undecidedRight }
    /// Answers that are wrong.
    public var wrong: Int { falsePositiveCount + trueNegatives + undecidedWrong }

    /// Wrong answers that were accepted, of all wrong ones.
    public var falsePositives: Rate { Rate(count: falsePositiveCount, trials: wrong) }
    /// Right answers that were not accepted, of all right ones.
    public var falseNegatives: Rate { Rate(count: falseNegativeCount + undecidedRight, trials: right) }
    /// Answers that were not decided, of all.
    public var undecided: Rate { Rate(count: undecidedRight + undecidedWrong, trials: right + wrong) }
    /// Answers about which it was right, undecided ones not among them, of all.
    public var accuracy: Rate { Rate(count: truePositives + trueNegatives, trials: right + wrong) }

    /// The rates with their names, for people.
    public var rows: [(name: String, rate: Rate)] {
        [
            ("false positives", falsePositives), ("false negatives", falseNegatives), ("undecided", undecided),
            ("verdicts right", accuracy),
        ]
    }

    /// `{n, false_positive, false_negative, undecided, accuracy}`, each rate as `{rate, ci95, count, of}`.
    public var document: JSONValue {
        [
            "n": .integer(Int64(right + wrong)), "false_positive": falsePositives.document,
            "false_negative": falseNegatives.document, "undecided": undecided.document, "accuracy": accuracy.document,
        ]
    }
}
