internal import StoaCore

/// Finds the program of a problem whose answer is known: the smallest expression over the question's numbers that gives it.
///
/// Each number is used at most once. Words such as "each" and "per" decide whether an expression with a product or a
/// quotient is looked for first; where several smallest expressions of that kind give the answer, there is none.
///
/// Complexity: exponential in the numbers of the question, of which the first six are looked at.
public struct ExpressionSearch: Sendable, Hashable {
    /// Why there is no program.
    public enum Failure: String, Error, Sendable, Hashable {
        /// No expression of so many operations gives the answer.
        case none
        /// Several do, and nothing decides.
        case ambiguous
    }

    /// The most operations.
    public var operations: Int
    private static let mostNumbers = 6
    private static let tolerance = 1e-6
    private static let cues: Set<String> = [
        "each", "every", "per", "share", "shares", "shared", "among", "divided", "times", "split", "equal", "equally",
        "hour", "hours", "cost", "costs", "holds", "hold", "packages", "rows", "cases",
    ]

    /// Creates a search.
    ///
    /// - Parameter operations: the most operations, 1 to 3.
    public init(operations: Int = 3) { self.operations = min(max(operations, 1), 3) }

    /// The program of a problem.
    ///
    /// Determinism: a pure function of its arguments.
    ///
    /// - Parameters:
    ///   - question: the question.
    ///   - answer: its answer in digits.
    /// - Returns: the expression.
    /// - Throws: `Failure`.
    public func program(of question: String, answer: String) throws(Failure) -> String {
        guard let target = Fraction(answer.filter { $0 != "$" && $0 != " " })?.doubleValue else { throw .none }
        var numbers = QuestionNumbers(question, includingWords: false).numbers
        if numbers.count < 2 { numbers = QuestionNumbers(question).numbers }
        numbers = Array(numbers.prefix(Self.mostNumbers))
        guard numbers.count >= 2 else { throw .none }
        let table = expressions(over: numbers)
        let isScaling = NormalQuestion(question).words.contains { Self.cues.contains($0) }
        // Numbers meet by chance: an expression of the kind that the words ask for comes first, be it longer.
        var other: [Candidate] = []
        for size in 2...(operations + 1) {
            var found: [String: Candidate] = [:]
            for mask in table.keys.sorted() where mask.nonzeroBitCount == size {
                for candidate in table[mask] ?? [] where Self.isClose(candidate.value.doubleValue, target) {
                    if found[candidate.form] == nil { found[candidate.form] = candidate }
                }
            }
            let candidates = found.sorted { $0.key < $1.key }.map(\.value)
            let fitting = candidates.filter { $0.isScaling == isScaling }
            if fitting.count == 1 { return fitting[0].text }
            if fitting.count > 1 { throw .ambiguous }
            if other.isEmpty { other = candidates }
        }
        guard other.count == 1 else { throw other.isEmpty ? .none : .ambiguous }
        return other[0].text
    }

    private static func isClose(_ first: Double, _ second: Double) -> Bool {
        abs(first - second) <= tolerance * max(1, abs(second))
    }

    // MARK: - Expressions

    private struct Candidate {
        var value: Fraction
        /// As it is written.
        var text: String
        /// What is added up, or multiplied, each with its sign in front: the same for expressions that differ in order only.
        var parts: [String]
        /// 1 for sums and differences, 2 for products and quotients, 3 for a number.
        var strength: Int
        var isScaling: Bool

        var form: String { strength == 3 ? parts[0] : "\(strength)(\(parts.joined(separator: " ")))" }

        /// Its parts as parts of something of this strength.
        func parts(for strength: Int, inverse: Bool) -> [String] {
            let own = self.strength == strength ? parts : ["+" + form]
            guard inverse else { return own }
            return own.map { ($0.hasPrefix("+") ? "-" : "+") + $0.dropFirst() }
        }
    }

    /// Expressions by the set of numbers that they use.
    private func expressions(over numbers: [QuestionNumbers.Number]) -> [Int: [Candidate]] {
        var table: [Int: [Candidate]] = [:]
        for (index, number) in numbers.enumerated() {
            table[1 << index] = [
                Candidate(
                    value: number.value, text: number.digits, parts: [number.digits], strength: 3, isScaling: false)
            ]
        }
        for mask in 1..<(1 << numbers.count) where 2...(operations + 1) ~= mask.nonzeroBitCount {
            var candidates: [Candidate] = []
            var places: [String: Int] = [:]
            var part = (mask - 1) & mask
            while part > 0 {
                let rest = mask ^ part
                for left in table[part] ?? [] {
                    for right in table[rest] ?? [] {
                        for joined in Self.join(left, right, isFirst: part < rest) {
                            guard let place = places[joined.form] else {
                                places[joined.form] = candidates.count
                                candidates.append(joined)
                                continue
                            }
                            if joined.text.count < candidates[place].text.count { candidates[place] = joined }
                        }
                    }
                }
                part = (part - 1) & mask
            }
            table[mask] = candidates
        }
        return table
    }

    private static func join(_ left: Candidate, _ right: Candidate, isFirst: Bool) -> [Candidate] {
        var joined: [Candidate] = []
        for kind in ProblemProgram.Operator.allCases {
            let commutes = kind == .sum || kind == .product
            // A sum is written in the order of its numbers; the other order is the same sum.
            guard !commutes || isFirst, let value = ProblemProgram.combine(kind, left.value, right.value),
                value.isPositive
            else { continue }
            let strength = kind == .sum || kind == .difference ? 1 : 2
            let first = left.strength < strength ? "(\(left.text))" : left.text
            let isBracketed = right.strength < strength || (right.strength == strength && !commutes)
            let second = isBracketed ? "(\(right.text))" : right.text
            let parts =
                left.parts(for: strength, inverse: false) + right.parts(for: strength, inverse: !commutes)
            joined.append(
                Candidate(
                    value: value, text: "\(first) \(kind.rawValue) \(second)",
                    parts: parts.sorted(), strength: strength,
                    isScaling: left.isScaling || right.isScaling || strength == 2))
        }
        return joined
    }
}
