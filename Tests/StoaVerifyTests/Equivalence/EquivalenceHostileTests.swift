import StoaTestKit
import StoaVerify
import Testing

/// Texts that are made to take long: the work is counted, and bounded.
@Suite(.timeLimit(.minutes(30))) struct EquivalenceHostileTests {
    /// The bound on steps, and what one last step may go beyond it.
    private static let bound = 150_000

    private static func check(_ text: String) {
        for other in ["1", text] {
            let steps = Equivalence.measure(answer: text, reference: other).steps
            #expect(steps <= bound, "\(text.prefix(40))")
        }
    }

    @Test(arguments: [
        "0.\\overline,9}", "9**9**9", "9^9^9^9", "2^{2^{2^{2^{2^2}}}}", "1e999999999", "10^{10^{10}}",
        "(10^{400})^{400}",
        "9^{9999999999}",
        "1^{99999999999999999999}", "(-1)^{9223372036854775807}", "2^{-9223372036854775808}", "0^{99999999999}",
        "99999999!", "800!^{800}", "((9!)!)!", "\\binom{1000000}{500000}", "\\binom{10^{300}}{700}",
        "(x+y+z+w)^{60}", "(x+1)^{100000}", "\\frac{1}{(x+y+z)^{40}}+\\frac{1}{(x-y-z)^{40}}",
        "\\sqrt[64]{2^{8000}+1}", "\\sqrt{10^{2000}+1}", "\\sqrt[9999999]{2}", "2^{1/9999999}", "2^{0.123456789}",
        "\\sin(10^{2000})", "\\cos(\\pi/99999999999999999)", "\\ln(10^{2000}+1)", "e^{e^{e^{e^e}}}",
        "\\lfloor \\pi^{100} \\rfloor", "\\pm\\pm\\pm\\pm\\pm 1", "1\\pm 2\\pm 3\\pm 4\\pm 5\\pm 6",
        "\\sqrt{2+\\sqrt{3+\\sqrt{5+\\sqrt{7+\\sqrt{11+\\sqrt{13}}}}}}-\\sqrt{2+\\sqrt{3+\\sqrt{5}}}",
        "\\frac{1}{\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7+\\sqrt{11}+\\sqrt{13}+\\sqrt{17}+\\sqrt{19}}",
    ])
    func `a small text that asks for much gets little`(_ text: String) { Self.check(text) }

    @Test(arguments: [
        ("(", ")", 3000), ("{", "}", 3000), ("\\sqrt{", "2}", 400), ("\\frac{1}{1+", "}", 250), ("|", "|", 1500),
        ("-", "", 3000), ("[", "]", 1500), ("2^{", "}", 900), ("\\{", "\\}", 900), ("\\left(", "\\right)", 200),
        ("\\sin ", "x", 700), ("f(", "x)", 900), ("\\boxed{", "}", 500), ("\\text{", "}", 500), ("1+(", ")", 900),
    ])
    func `nesting without end ends`(_ open: String, _ close: String, _ depth: Int) {
        Self.check(String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth))
        Self.check(String(repeating: open, count: depth))
    }

    @Test(arguments: [
        "1+", "x*", "(x+1)", "\\sqrt{2}+", "\\sqrt{7}\\sqrt{3}+", "x_{1},", "1,", "\\frac{1}{3}+", "2^", "!", "%", "9",
        "x^2+", "\\sin x+", "\\ln 7+", "=1", "<x", "\\cup(1,2)", "\\pm1", "\\pi", "e^{x}+", "|x|+", "1 \\text{ cm} ",
        "(1,2),", "a", "A,", "\\\\", "&", "word ", "\\text{and} ",
    ])
    func `repetition up to the longest formula is bounded`(_ part: String) {
        for length in [200, 1000, 3900] {
            let text = String(repeating: part, count: length / part.utf8.count)
            Self.check(text + "1")
            Self.check("1" + text)
        }
    }

    @Test func `sums of many different roots are bounded`() {
        let numbers = (2...400).map { "\\sqrt{\($0)}" }
        Self.check(numbers.joined(separator: "+"))
        Self.check("(\(numbers.prefix(40).joined(separator: "+")))^{2}")
        Self.check("(\(numbers.prefix(40).joined(separator: "+")))^{20}")
        let fractions = (1...200).map { "\\frac{1}{x+\($0)}" }
        Self.check(fractions.joined(separator: "+"))
        Self.check((1...300).map { "x_{\($0)}" }.joined(separator: "+") + "=0")
        Self.check("\\{" + (1...390).map { "\($0)" }.joined(separator: ",") + "\\}")
    }

    @Test(arguments: 0..<40) func `damaged formulas are answered, and equal nothing by accident`(_ seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        var mutator = Mutator(
            seed: UInt64(seed),
            vocabulary: ["\\frac{", "}", "{", "\\left(", "\\sqrt", "^", "_", "$", "\\boxed{", ",", "\\pm", "!", "1/0"])
        let pairs = try EquivalencePair.kinds.flatMap { try EquivalencePair.pairs($0) }
        for _ in 0..<50 {
            let pair = try #require(pairs.randomElement(using: &generator))
            let damaged = String(decoding: mutator.mutate(Array(pair.answer.utf8)), as: UTF8.self)
            let (decision, steps) = Equivalence.measure(answer: damaged, reference: damaged)
            #expect(steps <= Self.bound)
            #expect(decision.isEquivalent || [.unreadable, .limit].contains(decision.method), "\(damaged)")
        }
    }
}
