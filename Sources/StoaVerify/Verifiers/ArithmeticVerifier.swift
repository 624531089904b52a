public import StoaCore

/// Checks the sums that a text does on its way: every simple equation `a op b … = c` has to be right.
///
/// - A result with a decimal point is right, too, where it is the value correctly rounded to as many places, ties either way: people write
///   `10 / 3 = 3.33`. A whole number has to be exact.
/// - A percentage on one side of an equation alone is not judged where it would be right but for the percent sign, as in
///   `15 / 60 * 100 = 25%`: sloppy, but no miscalculation.
/// - A text without equations is accepted with a score of 0.5: nothing speaks against it, and nothing for it.
///
/// The score is the share of equations that are right. The reference plays no part.
public struct ArithmeticVerifier: Verifier {
    /// Creates the verifier.
    public init() {}

    /// `arithmetic`.
    public var name: String { "arithmetic" }

    /// The number that a text comes to, as `NumericVerifier` sees it.
    ///
    /// - Parameter text: what a model said.
    /// - Returns: the answer as it stands there; nil where it gives none.
    public func extract(_ text: String) -> String? { NumericVerifier().extract(text) }

    /// Whether two answers are the same number.
    ///
    /// - Parameters:
    ///   - first: an answer.
    ///   - second: another.
    /// - Returns: false where one of them is no number.
    public func areEquivalent(_ first: String, _ second: String) -> Bool {
        NumericVerifier().areEquivalent(first, second)
    }

    /// Judges the equations of a text.
    ///
    /// - Parameter request: the text.
    /// - Returns: accepted where every equation is right; the evidence names the first that is not.
    public func verify(_ request: VerificationRequest) -> Verdict {
        let judged = Equations.find(in: request.text).compactMap { equation in
            Self.judge(equation).map { (equation, $0) }
        }
        func verdict(_ isAccepted: Bool, _ score: Double, _ evidence: String) -> Verdict {
            Verdict(
                isAccepted: isAccepted, score: score, granularity: .step, answer: extract(request.text),
                evidence: evidence, verifier: name)
        }
        guard !judged.isEmpty else { return verdict(true, 0.5, "no equations") }
        let right = judged.count { $0.1 == .right }
        let count = judged.count == 1 ? "1 equation" : "\(judged.count) equations"
        guard let wrong = judged.firstIndex(where: { $0.1 != .right }), case .wrong(let reason) = judged[wrong].1 else {
            return verdict(true, 1, judged.count == 1 ? "1 equation is right" : "\(count) are right")
        }
        return verdict(
            false, Double(right) / Double(judged.count),
            "\(right) of \(count) right; the first that is wrong: \(quoted(judged[wrong].0.text)), \(reason)")
    }

    private enum Judgement: Equatable {
        case right
        case wrong(String)
    }

    /// Whether an equation is right; nil where that is not to be said.
    private static func judge(_ equation: Equations.Equation) -> Judgement? {
        let left: Expression.Value
        let right: Expression.Value
        do {
            (left, right) = (try equation.left.value(), try equation.right.value())
        } catch {
            // A division by zero has no result, whatever stands on the other side; what is too large is not judged.
            return error.code == .undefined ? .wrong("where a side has no value") : nil
        }
        if left.isExact, right.isExact, left.number == right.number { return .right }
        if rounds(left, to: equation.right) || rounds(right, to: equation.left) { return .right }
        if isBareRoot(left, right) { return nil }
        let hundred: Rational = 100
        if left.number * hundred == right.number || right.number * hundred == left.number,
            equation.left.isPercentage != equation.right.isPercentage
        {
            return nil
        }
        return .wrong("the left side is \(left.number.brief), the right side \(right.number.brief)")
    }

    /// Two roots that do not come out even may be equal and differ in the last digit that was computed.
    private static func isBareRoot(_ left: Expression.Value, _ right: Expression.Value) -> Bool {
        guard !left.isExact || !right.isExact else { return false }
        let scale = max(left.number.magnitude, right.number.magnitude, 1)
        return (left.number - right.number).magnitude <= scale * .powerOfTen(-20)
    }

    /// Whether a side is a decimal that a value rounds to.
    private static func rounds(_ value: Expression.Value, to side: Expression) -> Bool {
        guard let (number, places) = side.decimal else { return false }
        let half = 5 * .powerOfTen(-places - 1)
        return (value.number - number).magnitude <= half
    }
}
