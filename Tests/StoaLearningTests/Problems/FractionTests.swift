import StoaCore
import StoaLearning
import StoaTestKit
import StoaVerify
import Testing

/// The exact numbers of word problems.
@Suite struct FractionTests {
    @Test(arguments: [
        ("12", "12"), ("0.50", "0.5"), (".125", "0.125"), ("-3.0", "-3"), ("1,250.75", "1250.75"),
        ("0.16666666666666666", "0.1666666667"), ("0.00000000004", "0"), ("-0.00000000004", "0"),
        ("0.99999999999", "1"), ("9.99999999995", "10"),
    ])
    func `decimals are read and written to ten places`(_ text: String, _ written: String) throws {
        #expect(try #require(Fraction(text)).description == written)
    }

    @Test(arguments: ["", "-", ".", "1.2.3", "1,", "x", "1e5", "12345678901234567890123456789012345678901234567890"])
    func `what is no decimal is none`(_ text: String) {
        #expect(Fraction(text) == nil)
    }

    /// Random programs come to the same as with arithmetic that has no bounds.
    @Test(arguments: 0..<40) func `programs are executed as the calculator does`(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        func expression(_ depth: Int) -> String {
            guard depth > 0 else {
                let whole = Int.random(in: 1...999, using: &random)
                return Bool.random(using: &random) ? "\(whole)" : "\(whole).\(Int.random(in: 1...99, using: &random))"
            }
            let left = expression(Int.random(in: 0..<depth, using: &random))
            let right = expression(Int.random(in: 0..<depth, using: &random))
            let symbol = ["+", "-", "*", "/"].randomElement(using: &random) ?? "+"
            return Bool.random(using: &random) ? "(\(left) \(symbol) \(right))" : "\(left) \(symbol) \(right)"
        }
        for _ in 0..<25 {
            let text = expression(3)
            let program = try ProblemProgram(text)
            #expect(program.text() == text)
            let result = CalculatorTool().call(["expression": .string(text)])
            guard let value = program.value() else {
                #expect(result.status == .failed)
                continue
            }
            let exact = "\(value.numerator)\(value.isInteger ? "" : "/\(value.denominator)")"
            let difference = CalculatorTool().call(["expression": .string("(\(text)) - (\(exact))")])
            #expect(difference.output == "0", "\(text)")
        }
    }

    @Test(arguments: [
        ("", #"program "": expected a number or a quantity, found the end"#),
        ("a +", #"program "a +": expected a number or a quantity, found the end"#),
        ("a b", #"program "a b": expected an operator or the end, found b"#),
        ("(a", #"program "(a": expected ")", found the end"#),
        ("a ^ 2", #"program "a ^ 2": expected a number, a quantity, an operator or a bracket, found ^"#),
        ("1.2.3", #"program "1.2.3": expected a number, found 1.2.3"#),
    ])
    func `what is no program is refused with a reason`(_ text: String, _ message: String) {
        let error = thrown(LearningError.self) { _ = try ProblemProgram(text) }
        #expect(error?.message == message)
        #expect(error?.code == .invalidProgram)
    }
}
