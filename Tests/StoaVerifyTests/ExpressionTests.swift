import BigInt
import StoaTestKit
import StoaVerify
import Testing

/// Arithmetic expressions: what they come to, and where they are wrong.
@Suite struct ExpressionTests {
    @Test(
        arguments: [
            ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("2 - 3 - 4", "-5"), ("16 / 4 / 2", "2"), ("-2^2", "-4"),
            ("(-2)^2", "4"),
            ("2^3^2", "512"), ("2^-1", "1/2"), ("2**10", "1024"), ("2 * -3", "-6"), ("--3", "3"), ("- - -3", "-3"),
            ("50%", "1/2"),
            ("200 * 15%", "30"), ("5%%", "1/2000"), ("2^50%*0+1", nil), ("1/3 + 1/6", "1/2"), ("0.1 + 0.2", "3/10"),
            ("1,234 + 1", "1235"), ("1.5e3", "1500"), ("3 × 4 ÷ 6 − 1", "1"), ("3 · 4", "12"),
            ("\\frac{1}{2} + ½", "1"),
            ("\\frac{1 + 2}{3}", "1"), ("3 \\times \\left(4 + 1\\right)", "15"), ("sqrt(16)", "4"),
            ("sqrt(4/9)", "2/3"),
            ("\\sqrt{2.25}", "3/2"), ("sqrt(0)", "0"), ("0^0", "1"), ("(1)", "1"), ("1^999999", "1"),
            ("(-1)^999999", "-1"),
            ("{1+2}*3", "9"), ("100!", nil), ("7 % 3", nil), ("7 // 2", nil), ("2(3)", nil), ("2^0.5", nil),
            ("sqrt 16", nil),
            ("x", nil), ("", nil), ("1 +", nil), (")", nil), ("1 2", nil), ("1e", nil), ("0^-1", nil), ("1/(2-2)", nil),
            ("sqrt(-1)", nil), ("import os", nil), ("1,2", nil),
        ] as [(String, String?)])
    func `an expression has its exact value or none`(_ text: String, _ expected: String?) {
        let value = try? Expression(text).value()
        #expect(value?.number.description == expected)
        #expect(value?.isExact != false)
    }

    @Test func `a root that does not come out even is close and says so`() throws {
        let root = try Expression("sqrt(2)").value()
        #expect(!root.isExact)
        #expect((root.number * root.number - 2).magnitude < .powerOfTen(-35))
        #expect(root.number.decimal(significant: 15) == "1.4142135623731")
        #expect(try !Expression("sqrt(2) * 0 + 1").value().isExact)
        #expect(try Expression("sqrt(1e-300)").value().number == .powerOfTen(-150))
        let small = try Expression("sqrt(3e-301)").value().number
        #expect(small.decimal(significant: 5) == "5.4772e-151")
    }

    @Test(arguments: [
        ("2 + * 3", #"expression "2 + * 3": column 5: expected a number or "(", found "*""#),
        ("2 + x1", #"expression "2 + x1": column 5: expected a number or "(", found "x""#),
        ("(1 + 2", #"expression "(1 + 2": column 7: expected ")", found the end"#),
        ("1 2", #"expression "1 2": column 3: expected an operator or the end, found "2""#),
        ("", #"expression "": column 1: expected a number or "(", found the end"#),
        ("7 % 3", #"expression "7 % 3": column 5: expected an operator or the end, found "3""#),
        ("1 / (2 - 2)", #"expression "1 / (2 - 2)": column 3: division by zero"#),
        ("0^-1", #"expression "0^-1": column 2: zero to a negative power"#),
        ("2^0.5", #"expression "2^0.5": column 2: expected a whole number as exponent, found 0.5"#),
        ("sqrt(1 - 3)", #"expression "sqrt(1 - 3)": column 1: the square root of a negative number, -2"#),
        ("sqrt 16", #"expression "sqrt 16": column 6: expected "(" after sqrt, found "16""#),
        ("9**9**9", #"expression "9**9**9": column 2: the result has more than 8192 bits"#),
        ("(2^8000)*(2^8000)", #"expression "(2^8000)*(2^8000)": column 9: the result has more than 8192 bits"#),
        ("é + 1", #"expression "é + 1": column 1: expected a number or "(", found "é""#),
        (
            "1e999999999",
            #"expression "1e999999999": column 1: expected a number of at most 400 digits, found "1e999999999""#
        ),
    ])
    func `an error names the column, what was expected and what was found`(_ text: String, _ expected: String) {
        let error = thrown(ExpressionError.self) { _ = try Expression(text).value() }
        #expect(error?.message == expected)
    }

    /// Random trees, written with every parenthesis and computed beside the reader.
    @Test(arguments: 0..<200) func `a written tree has the tree's value`(_ seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let (text, value) = Self.tree(depth: 5, &generator)
        guard let value else {
            #expect(thrown(ExpressionError.self) { _ = try Expression(text).value() }?.code == .undefined)
            return
        }
        #expect(try Expression(text).value().number == value, "\(text)")
    }

    /// An expression and its value; nil for a division by zero.
    private static func tree(depth: Int, _ generator: inout SplitMix) -> (String, Rational?) {
        guard depth > 0, Int.random(in: 0..<5, using: &generator) > 0 else {
            let number = Int.random(in: 0...99, using: &generator)
            return Bool.random(using: &generator)
                ? ("\(number)", Rational(BigInt(number))) : ("\(number)%", Rational(BigInt(number)) * .powerOfTen(-2))
        }
        let (left, first) = tree(depth: depth - 1, &generator)
        if Int.random(in: 0..<6, using: &generator) == 0 { return ("(-\(left))", first.map { -$0 }) }
        let (right, second) = tree(depth: depth - 1, &generator)
        let space = ["", " ", "  "].randomElement(using: &generator) ?? ""
        let sign = ["+", "-", "*", "/"].randomElement(using: &generator) ?? "+"
        let text = "(\(left)\(space)\(sign)\(space)\(right))"
        guard let first, let second else { return (text, nil) }
        switch sign {
        case "+": return (text, first + second)
        case "-": return (text, first - second)
        case "*": return (text, first * second)
        default: return (text, first.divided(by: second))
        }
    }
}
