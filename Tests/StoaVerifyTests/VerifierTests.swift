import StoaCore
import StoaVerify
import Testing

/// The verdicts of the verifiers, word for word.
@Suite struct VerifierTests {
    private static func line(_ name: String, _ text: String, _ reference: String?) throws -> String {
        let verdict = try #require(Verifiers.named(name)).verify(VerificationRequest(text: text, reference: reference))
        #expect(verdict.verifier == name)
        return "\(verdict.isAccepted ? "yes" : "no") \(verdict.score) [\(verdict.answer ?? "-")] \(verdict.evidence)"
    }

    @Test func `every verifier is found by its name`() {
        #expect(Verifiers.all.map(\.name) == ["arithmetic", "boxed", "equivalent", "numeric"])
        #expect(Verifiers.named("nobody") == nil)
    }

    @Test(
        arguments: [
            ("2 + 2 = 4", "4", #"yes 1.0 [4] "4" equals "4""#),
            ("So \\boxed{1,000}", "so #### 1000", #"yes 1.0 [1,000] "1,000" equals "so #### 1000""#),
            ("It is 50%", "1/2", #"yes 1.0 [50%] "50%" equals "1/2""#),
            (
                "It is 5", "a worked solution, 2 + 4 = 6",
                #"no 0.0 [5] "5" does not equal "a worked solution, 2 + 4 = 6""#
            ),
            ("It is 5 cents", "$5", #"no 0.0 [5 cents] "5 cents" does not equal "$5""#),
            ("\\boxed{x+1}", "1", #"no 0.0 [x+1] the answer "x+1" is not a number"#),
            ("\\boxed{}", "1", "no 0.0 [-] the last box is empty"), ("none", "1", "no 0.0 [-] no number in the text"),
            ("It is 5", "x", #"no 0.0 [5] the reference "x" is not a number"#),
            ("It is 5", nil, #"no 0.0 [5] no reference to compare "5" with"#),
        ] as [(String, String?, String)])
    func `numeric compares the number that a text comes to`(_ text: String, _ reference: String?, _ expected: String)
        throws
    {
        #expect(try Self.line("numeric", text, reference) == expected)
    }

    @Test(
        arguments: [
            ("\\boxed{42}", "42.0", #"yes 1.0 [42] "42" equals "42.0""#),
            ("\\boxed{Paris}", " Paris ", #"yes 1.0 [Paris] "Paris" equals " Paris ""#),
            ("\\boxed{x + 1}", "\\boxed{x  +  1}", #"yes 1.0 [x + 1] "x + 1" equals "\boxed{x  +  1}""#),
            ("\\boxed{x}", "5", #"no 0.0 [x] "x" does not equal "5""#),
            ("#### 7", nil, #"yes 1.0 [7] the answer is marked: "7""#),
            ("The answer is 7 apples", "7", #"yes 1.0 [7 apples] "7 apples" equals "7""#),
            ("it is 7", "7", "no 0.0 [-] no marked answer: expected \\boxed{…}, \"#### N\" or \"the answer is N\""),
            ("\\boxed{}", "", "no 0.0 [-] the last box is empty"),
        ] as [(String, String?, String)])
    func `boxed wants a marked answer`(_ text: String, _ reference: String?, _ expected: String) throws {
        #expect(try Self.line("boxed", text, reference) == expected)
    }

    @Test(arguments: [
        ("3 * 4 = 12", "yes 1.0 [12] 1 equation is right"),
        ("3 * 4 = 12 and 1+1=2.", "yes 1.0 [2] 2 equations are right"),
        (
            "3 * 4 = 13",
            #"no 0.0 [13] 0 of 1 equation right; the first that is wrong: "3 * 4 = 13", the left side is 12, the right side 13"#
        ),
        (
            "2+2=4\n3+3=7\n1+1=3",
            #"no 0.3333333333333333 [3] 1 of 3 equations right; the first that is wrong: "3+3 = 7", the left side is 6, the right side 7"#
        ),
        ("no sums here, 5", "yes 0.5 [5] no equations"), ("", "yes 0.5 [-] no equations"),
        (
            "1/0 = 5",
            #"no 0.0 [5] 0 of 1 equation right; the first that is wrong: "1/0 = 5", where a side has no value"#
        ),
        (
            "10 / 3 = 4",
            #"no 0.0 [4] 0 of 1 equation right; the first that is wrong: "10 / 3 = 4", the left side is 10/3, the right side 4"#
        ),
    ])
    func `arithmetic checks every equation`(_ text: String, _ expected: String) throws {
        #expect(try Self.line("arithmetic", text, nil) == expected)
    }

    /// How many equations are right, and how many are wrong.
    private static func count(_ text: String) -> (right: Int, judged: Int) {
        let verdict = ArithmeticVerifier().verify(VerificationRequest(text: text))
        if verdict.evidence == "no equations" { return (0, 0) }
        if verdict.score == 1 {
            return (
                Int(verdict.evidence.prefix { $0.isNumber }) ?? -1, Int(verdict.evidence.prefix { $0.isNumber }) ?? -1
            )
        }
        let words = verdict.evidence.split(separator: " ")
        return (Int(words[0]) ?? -1, Int(words[2]) ?? -1)
    }

    @Test(arguments: [
        "3 x 4 = 12", "3 × 4 = 12", "12 ÷ 4 = 3", "12 / 4 = 3 apples", "$5 + $3 = $8", "\\$5 \\times 3 = \\$15",
        "2^3 = 8",
        "2**3 = 8", "(1 + 2) * 3 = 9", "\\frac{1}{2} + \\frac{1}{3} = \\frac{5}{6}", "\\(3 \\cdot 4 = 12\\)",
        "\\[3+4=7\\]",
        "$3+4=7$", "3+4=\\boxed{7}", "**3 + 4 = 7**", "- 5 + 3 = 8", "1. 5 + 3 = 8", "2) 5 + 3 = 8",
        "Step 2: 5 + 3 = 8",
        "10 / 3 = 3.33", "2 / 3 = 0.67", "1,000 + 234 = 1,234", "20 * 50% = 10", "5 − 8 = −3", "-5 + 3 = -2",
        "x = 3 + 4 = 7", "So we get 5 + 3 = 8.", "5 + 3 = 8, so", "5+3=8cm", "12 = 3 * 4", "3*4 &= 12 \\\\",
        "1/2 + 1/2 = 1",
        "sum: 0.1 + 0.2 = 0.3", "\\sqrt{16} + 1 = 5", "100 - 2 * 5 = 90", "1/4 = 25%", "3 * 4 = 12 \\text{ cm}",
        "(5 + 3) = 8",
    ])
    func `a right equation is seen and accepted`(_ text: String) {
        #expect(Self.count(text) == (1, 1))
    }

    @Test(arguments: [
        "3 x 4 = 13", "5 + 3 = 7.", "- 5 + 3 = 2", "1. 5 + 3 = 9", "10 / 3 = 3.34", "10 / 3 = 3", "1,000 + 234 = 1,235",
        "**3 + 4 = 8**", "3+4=\\boxed{8}", "\\frac{1}{2} + \\frac{1}{3} = \\frac{2}{5}", "$5 + $3 = $9", "1/8 = 0.11",
        "-5 + 3 = 2", "2^3 = 6", "1/4 = 24%",
    ])
    func `a wrong equation is seen and rejected`(_ text: String) {
        #expect(Self.count(text) == (0, 1))
    }

    @Test(arguments: [
        "x + 3 = 9", "2x + 3 = 9", "x - 3 = 9", "3 + 4 = 7x", "3 + 4 = 7 - y", "3 + 4 = y", "half of 10 + 2 = 7",
        "x = 5",
        "f(2) + 1 = 9", "total - 3 = 9", "twice 3 + 1 = 7", "5 apples + 3 apples = 9", "3 + 4 ≈ 8", "3 + 4 != 8",
        "3 <= 1 + 1",
        "2 * 500 = 1 thousand", "π + 3 * 2 = 9.14", "1 + 1 = 2...", "15/60 * 100 = 25%", "log 100 + 1 = 3",
        "3 + 4 = 7!",
        "2 + 3 = \\pi", "a[1 + 1 = 3", "3 + = 4", "= 5 + 5", "5 + 5 =", "\\sqrt{2} * \\sqrt{2} = 2", "9^9^9 = 1",
        "17 mod 5 = 2",
        "17 / 5 = 3 remainder 2", "x_1 + 2 = 9", "3:00 + 2 = 5", "n2 + 2 = 9",
    ])
    func `what is no simple equation is not judged`(_ text: String) {
        #expect(Self.count(text) == (0, 0))
    }
}
