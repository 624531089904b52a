import BigInt
import Foundation
import StoaTestKit
import StoaVerify
import Testing

/// What holds for all answers: the laws of an equivalence, and other spellings of the same.
@Suite struct EquivalencePropertyTests {
    private static func decide(_ answer: String, _ reference: String) -> Equivalence.Decision {
        Equivalence.decide(answer: answer, reference: reference)
    }

    private static func sides(_ kinds: [String]) throws -> [String] {
        try kinds.flatMap { try EquivalencePair.pairs($0) }.flatMap { [$0.answer, $0.reference] }
    }

    @Test func `what can be understood equals itself, and nothing else does`() throws {
        for side in try Self.sides(EquivalencePair.kinds) {
            let decision = Self.decide(side, side)
            let isUndecided = [.unreadable, .limit].contains(decision.method)
            #expect(decision.isEquivalent != isUndecided, "\(side): \(decision)")
        }
    }

    @Test(arguments: 0..<8) func `the sides can be exchanged`(_ seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let sides = try Self.sides(EquivalencePair.kinds)
        for _ in 0..<400 {
            let first = try #require(sides.randomElement(using: &generator))
            let second = try #require(sides.randomElement(using: &generator))
            let (one, other) = (Self.decide(first, second), Self.decide(second, first))
            #expect(one.isEquivalent == other.isEquivalent, "\(first) and \(second)")
            #expect(one.method == other.method, "\(first) and \(second)")
        }
    }

    // MARK: - Spelling

    @Test(arguments: EquivalencePair.formulas, [0, 1, 2]) func `other spellings change no decision`(
        _ kind: String, _ seed: Int
    ) throws {
        var generator = SplitMix(seed: UInt64(seed))
        for pair in try EquivalencePair.pairs(kind) {
            let spelt = (
                Spelling.varied(pair.answer, using: &generator), Spelling.varied(pair.reference, using: &generator)
            )
            let decision = Self.decide(spelt.0, spelt.1)
            #expect(
                decision.isEquivalent == pair.isEquivalent,
                "\(pair.testDescription), spelt \(spelt.0) and \(spelt.1): \(decision)")
        }
    }

    // MARK: - Numbers

    private static func spelling(_ value: Rational, using generator: inout SplitMix) -> String {
        let (above, below) = (value.numerator, value.denominator)
        let sign = value.isNegative ? "-" : ""
        let factor = Int.random(in: 1...9, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return "\(above)/\(below)"
        case 1: return "\\frac{\(above)}{\(below)}"
        case 2: return "\(sign)\\dfrac{\(above.magnitude * .init(factor))}{\(below.magnitude * .init(factor))}"
        case 3: return value.exactDecimal(places: 30) ?? "\(above) \\div \(below)"
        case 4:
            guard value.isNegative == false, value > 1, !value.isInteger else { return "x = \(above)/\(below)" }
            let (whole, rest) = above.quotientAndRemainder(dividingBy: below)
            return "\(whole)\\frac{\(rest)}{\(below)}"
        case 5:
            guard let percent = (value * 100).exactDecimal(places: 30) else { return "$\(above)/\(below)$" }
            return percent + "\\%"
        case 6: return "\\boxed{\(value)}"
        default: return "\(above) \\cdot \(below)^{-1}"
        }
    }

    @Test(arguments: 0..<100) func `two rational numbers are the same exactly where they are equal`(_ seed: Int) {
        var generator = SplitMix(seed: UInt64(seed))
        for _ in 0..<10 {
            let first = RationalTests.random(&generator)
            let isSame = Bool.random(using: &generator)
            // Near misses: neighbours, signs, inverses, and shifted points.
            let others = [
                first + 1, -first, first * 10, first * 100, Rational(1).divided(by: first) ?? 1,
                first + .powerOfTen(-20), RationalTests.random(&generator),
            ]
            let second = isSame ? first : others.randomElement(using: &generator) ?? 0
            let (one, other) = (
                Self.spelling(first, using: &generator), Self.spelling(second, using: &generator)
            )
            let decision = Self.decide(one, other)
            #expect(decision.isEquivalent == (first == second), "\(one) and \(other): \(decision)")
        }
    }

    /// A sum of roots as text; `sqrt(…)` of small numbers, so that equal ones are frequent.
    private static func surd(_ depth: Int, using generator: inout SplitMix) -> String {
        guard depth > 0 else {
            let number = Int.random(in: 1...12, using: &generator)
            return Bool.random(using: &generator) ? "sqrt(\(number))" : "\(number)"
        }
        let (left, right) = (surd(depth - 1, using: &generator), surd(depth - 1, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1: return "(\(left) + \(right))"
        case 2: return "(\(left) - \(right))"
        case 3: return "(\(left)) * (\(right))"
        case 4: return "(\(left)) / (\(right))"
        default: return "sqrt((\(left)) ^ 2 + \(right))"
        }
    }

    /// The value to forty digits, by the calculator, which knows no roots but as decimals.
    private static func value(_ text: String) -> Rational? {
        // What comes near zero under a root or a line is no oracle's business.
        (try? Expression(text).value())?.number
    }

    @Test(arguments: 0..<60) func `sums of roots are the same exactly where forty digits are`(_ seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        var compared = 0
        for _ in 0..<20 {
            let first = Self.surd(2, using: &generator)
            // The same in other words, or something else.
            let second =
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: "(\(first)) * (sqrt(2) + 1) * (sqrt(2) - 1)"
                case 1: "((\(first)) * sqrt(3) + sqrt(6)) / sqrt(3) - sqrt(2)"
                case 2: "(\(first)) + 1/1000000"
                default: Self.surd(2, using: &generator)
                }
            guard let one = Self.value(first), let other = Self.value(second) else { continue }
            let decision = Self.decide(first, second)
            // A division by what is zero, exactly, has no value here, though it has a large one to the calculator.
            guard decision.method != .unreadable else { continue }
            compared += 1
            let isNear = (one - other).magnitude * .powerOfTen(25) <= max(one.magnitude, 1)
            #expect(decision.isEquivalent == isNear, "\(first) and \(second): \(decision)")
        }
        #expect(compared >= 10)
    }
}

/// Other spellings of the same formula.
enum Spelling {
    static func varied(_ text: String, using generator: inout SplitMix) -> String {
        var text = text
        func maybe() -> Bool { Bool.random(using: &generator) }
        if maybe() { text = text.replacingOccurrences(of: "\\frac", with: maybe() ? "\\dfrac" : "\\tfrac") }
        if maybe() {
            text = text.replacingOccurrences(of: "(", with: "\\left(").replacingOccurrences(of: ")", with: "\\right)")
            // Commands that were in the way are as they were.
            text = text.replacingOccurrences(of: "\\\\left(", with: "\\(")
                .replacingOccurrences(of: "\\\\right)", with: "\\)")
                .replacingOccurrences(of: "\\left\\left(", with: "\\left(")
                .replacingOccurrences(of: "\\right\\right)", with: "\\right)")
        }
        if maybe() {
            for sign in ["+", "=", "\\cup", "\\cdot"] {
                text = text.replacingOccurrences(of: sign, with: " \(sign) ")
            }
            text = text.replacingOccurrences(of: "< =", with: "<=").replacingOccurrences(of: "> =", with: ">=")
                .replacingOccurrences(of: "<  =", with: "<=").replacingOccurrences(of: ">  =", with: ">=")
        }
        if maybe() { text = "  \(text)\n" }
        // Of dollars, one more or less is another formula.
        if maybe(), !text.contains("$"), !text.contains("€"), !text.hasPrefix("\\("), !text.hasPrefix("\\[") {
            text = "$\(text)$"
        }
        if maybe(), text.hasSuffix("\n") == false, !text.hasSuffix(".") { text += "." }
        return text
    }
}
