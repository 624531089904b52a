import StoaVerify
import Testing

/// Where a text says what it comes to.
@Suite struct FinalAnswerTests {
    private static func found(_ text: String, _ rules: [FinalAnswer.Rule] = FinalAnswer.Rule.allCases) -> String? {
        FinalAnswer(in: text, rules: rules).map { "\($0.rule.rawValue): \($0.text)" }
    }

    @Test(arguments: [
        ("So \\boxed{42}.", "boxed: 42"), ("\\boxed{1} or \\boxed{2}", "boxed: 2"),
        ("\\boxed{\\frac{1}{2}}", "boxed: \\frac{1}{2}"), ("\\boxed{\\boxed{5}}", "boxed: \\boxed{5}"),
        ("\\boxed{\\text{a}{b}}", "boxed: \\text{a}{b}"), ("\\fbox{7}", "boxed: 7"), ("\\boxed {8}", "boxed: 8"),
        ("\\boxed{\\{1, 2\\}}", "boxed: \\{1, 2\\}"), ("\\boxed{}", "boxed: "), ("\\boxed{ }", "boxed: "),
        ("\\boxed{3} then \\boxed{4", "boxed: 3"), ("\\boxed{3 then \\boxed{4}", "boxed: 4"),
        ("\\boxed{1} } } \\boxed{2}", "boxed: 2"), ("{{ \\boxed{2}", "boxed: 2"),
        ("\\boxed{a \\boxed{1} b \\boxed{2}}", "boxed: a \\boxed{1} b \\boxed{2}"),
        ("5 = 5\n\\boxed{x}\n#### 6\nThe answer is 7", "boxed: x"),
        ("so 3+4=7\n#### 7", "hashes: 7"), ("#### 1\n#### 2", "hashes: 2"), ("#### 1,234 ", "hashes: 1,234"),
        ("#### $18\n#### Step 3", "hashes: $18"), ("#### Step 3: 9", "last_number: 9"),
        ("The answer is 42.", "phrase: 42."), ("the final ANSWER IS: **42**", "phrase: 42"),
        ("Answer: $\\frac{1}{2}$.", "phrase: $\\frac{1}{2}$."), ("The answer is 18 because 9 * 2 = 18", "phrase: 18"),
        ("The answer is about 18 dollars.", "phrase: 18 dollars"), ("The answer is 3. Check: answer = 4", "phrase: 4"),
        ("The answer is not 3, it is 4", "last_number: 4"), ("The answers are 3 and 4", "last_number: 4"),
        ("2 * 3 = 6, and there are 7 days", "equation: 6"), ("x = 5 - 2 = 3", "equation: 3"),
        ("y = 3x, 4", "last_number: 4"),
        ("= $1,200.50", "equation: $1,200.50"), ("= -3", "equation: -3"), ("a = 4 + b with 9", "last_number: 9"),
        ("I have 3 apples and 4 pears", "last_number: 4"), ("between 2010-2015", "last_number: 2015"),
        ("10 - 5", "last_number: 5"), ("it is -5", "last_number: -5"), ("(-5)", "last_number: -5"),
        ("10 -5", "last_number: 5"),
        ("7 at 5:30", "last_number: 7"), ("8 on 1/2/2024", "last_number: 8"), ("9 in v1.2.3", "last_number: 9"),
        ("6 of x2", "last_number: 6"), ("6 in 2nd place", "last_number: 6"), ("6, 3x", "last_number: 6"),
        ("half is ½", "last_number: ½"),
        ("\\frac{3}{4} remains", "last_number: \\frac{3}{4}"), ("that is 50%", "last_number: 50%"),
        ("about 2 1/2 hours later", "last_number: 2 1/2 hours"), ("5 cm", "last_number: 5 cm"),
        ("costs $3.50 each", "last_number: $3.50"),
        ("12.", "last_number: 12"), ("1,234,567 people", "last_number: 1,234,567 people"),
    ])
    func `the answer is found where its author put it`(_ text: String, _ expected: String) {
        #expect(Self.found(text) == expected)
    }

    @Test(arguments: [
        "", "none", "\\boxed", "\\boxed{", "\\boxed 5x", "x2", "####", "answer", "the answer is", "=", "…",
    ])
    func `a text without an answer has none`(_ text: String) {
        #expect(Self.found(text) == nil)
    }

    @Test func `rules that are not asked for are not tried`() {
        #expect(Self.found("so it is 5", FinalAnswer.Rule.explicit) == nil)
        #expect(Self.found("\\boxed{5} 6", [.lastNumber]) == "last_number: 6")
        #expect(Self.found("\\boxed{5}\n#### 6", [.hashes, .boxed]) == "hashes: 6")
    }
}
