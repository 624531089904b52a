internal import OrderedCollections
public import StoaCore

/// Two evaluations of the same problems, compared problem by problem.
public struct EvaluationComparison: Sendable {
    /// The evaluation that is compared with.
    public let first: EvaluationResult
    /// The evaluation that is compared.
    public let second: EvaluationResult
    /// The problems that both asked.
    public let count: Int
    /// Problems that only one of them asked.
    public let unpaired: Int
    /// The second's accuracy less the first's, over the problems that both asked.
    public let difference: Double
    /// Its interval: Newcombe's for problems asked once, Student's over problems where they were asked several times.
    public let interval: ConfidenceInterval
    /// The interval of the paired bootstrap (BCa) over problems.
    public let bootstrapInterval: ConfidenceInterval
    /// The problems that one gets right and the other does not; where they were asked several times, by the votes.
    public let test: McNemarTest
    /// The two-sided p-value of the paired t test over problems.
    public let studentP: Double
    /// The ids of problems that only the second gets right.
    public let gained: [String]
    /// The ids of problems that only the first gets right.
    public let lost: [String]
    private let isSingle: Bool

    /// Compares two evaluations.
    ///
    /// - Parameters:
    ///   - first: an evaluation.
    ///   - second: another.
    ///   - verifier: tells which answers are the same in votes; nil for those that are spelt alike.
    /// - Throws: `EvaluationError` where they have no problem in common, or asked different questions under one name.
    public init(
        _ first: EvaluationResult, _ second: EvaluationResult, verifier: (any Verifier)? = nil
    ) throws(EvaluationError) {
        self.first = first
        self.second = second
        let others = Dictionary(second.tries.map { ($0.problem.id, $0) }, uniquingKeysWith: { one, _ in one })
        var shares = PairedShares(both: 0, onlyFirst: 0, onlySecond: 0, neither: 0)
        var (differences, gained, lost): ([Double], [String], [String]) = ([], [], [])
        for one in first.tries {
            guard let other = others[one.problem.id] else { continue }
            guard one.problem.question == other.problem.question else {
                throw EvaluationError(
                    .notComparable,
                    "problem '\(one.problem.id)': \(first.id) and \(second.id) asked different questions",
                    hint: "compare evaluations of the same problems")
            }
            differences.append(Self.score(other.items) - Self.score(one.items))
            switch (Self.isCorrect(one.items, verifier), Self.isCorrect(other.items, verifier)) {
            case (true, true): shares.both += 1
            case (true, false):
                shares.onlyFirst += 1
                lost.append(one.problem.id)
            case (false, true):
                shares.onlySecond += 1
                gained.append(one.problem.id)
            case (false, false): shares.neither += 1
            }
        }
        guard !differences.isEmpty else {
            throw EvaluationError(
                .notComparable, "\(first.id) and \(second.id): no problem was asked in both",
                hint: "compare evaluations of the same problems")
        }
        count = differences.count
        unpaired = first.tries.count + second.tries.count - 2 * differences.count
        isSingle = first.definition.samples == 1 && second.definition.samples == 1
        let paired = PairedDifference(differences)
        difference = paired.mean
        interval = isSingle ? shares.interval() : paired.studentInterval().clipped(to: -1...1)
        bootstrapInterval = Bootstrap(seed: first.definition.seed).mean(of: differences)
        test = McNemarTest(onlyFirst: shares.onlyFirst, onlySecond: shares.onlySecond)
        studentP = paired.studentP
        self.gained = gained
        self.lost = lost
    }

    private static func score(_ items: [EvaluationItem]) -> Double {
        Double(items.count { $0.isCorrect }) / Double(max(items.count, 1))
    }

    private static func isCorrect(_ items: [EvaluationItem], _ verifier: (any Verifier)?) -> Bool {
        guard items.count > 1 else { return items.first?.isCorrect ?? false }
        return MajorityAtK(answers: items.map(\.extracted), correct: items.map(\.isCorrect)) { one, other in
            verifier?.areEquivalent(one, other) ?? false
        }
        .isCorrect
    }

    /// Whether one of them is better by more than chance explains, at 5 %: by the exact test of McNemar for problems asked
    /// once, by the paired t test where they were asked several times.
    public var isSignificant: Bool { (isSingle ? test.exact : studentP) < 0.05 }

    /// The document of the command-line contract, with more fields.
    public var document: JSONValue {
        [
            "evals": [.string(first.id.rawValue), .string(second.id.rawValue)], "difference": .number(difference),
            "ci95": EvaluationResult.document(interval), "mcnemar_p": .number(test.exact),
            "n": .integer(Int64(count)), "mcnemar_mid_p": .number(test.midP), "t_test_p": .number(studentP),
            "bootstrap_ci95": EvaluationResult.document(bootstrapInterval), "significant": .bool(isSignificant),
            "accuracy": [.number(first.accuracy), .number(second.accuracy)], "unpaired": .integer(Int64(unpaired)),
            "gained": .array(gained.map { .string($0) }), "lost": .array(lost.map { .string($0) }),
        ]
    }
}
