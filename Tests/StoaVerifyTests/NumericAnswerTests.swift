import BigInt
import StoaTestKit
import StoaVerify
import Testing

/// Which texts are the same number, and which only look like it.
@Suite struct NumericAnswerTests {
    /// Groups of spellings: within a group everything is equal, between groups nothing is.
    static let groups: [[String]] = [
        [
            "42", "42.0", "42.", " 42 ", "+42", "042", "$42$", "$$42$$", "\\(42\\)", "\\[42\\]", "\\boxed{42}", "{42}",
            "**42**",
            "\\text{42}", "84/2", "\\frac{84}{2}", "42/1", "4.2e1", "4.2 \\times 10^1", "4.2×10^{1}", "420e-1", "4200%",
            "x = 42", "y=42", "42 apples", "42 km/h", "$42", "\\$42", "42 cm", "42cm", "42\\text{ cm}",
            "42 \\mathrm{cm}^2",
            "42^\\circ", "42°", "42 degrees", "\\boxed{\\text{42}}",
        ],
        [
            "-42", "−42", "- 42", "-$42", "$-42", "-84/2", "-\\frac{84}{2}", "\\frac{-84}{2}", "\\frac{84}{-2}",
            "x=-42",
            "-42 apples", "-42.00",
        ],
        [
            "0.5", ".5", "1/2", "\\frac12", "\\frac{1}{2}", "\\dfrac{1}{2}", "\\tfrac{1}{2}", "½", "50%", "50\\%",
            "50 %",
            "50 percent", "1⁄2", "0.50", "2/4", "5e-1", "+0.5", "\\frac{0.5}{1}", "50.0%", "$0.50",
        ],
        [
            "2.5", "5/2", "2 1/2", "2\\frac{1}{2}", "2 \\frac12", "2½", "2 ½", "250%", "2.50 kg", "2{,}500/1{,}000",
            "2,500/1,000",
        ],
        ["-2.5", "-2 1/2", "-2\\frac{1}{2}", "−2½", "-5/2", "-250%"],
        ["1234", "1,234", "1{,}234", "1,\\!234", "1,234.00", "$1,234", "1.234e3", "1,234 dollars", "$1,234 dollars"],
        ["1234567.5", "1,234,567.5", "1,234,567.50"],
        ["50", "5e1", "50 units"], ["5"], ["0.05", "5%", "5 %", "1/20"], ["1.2"], ["12"], ["21"], ["1/3"], ["0.333"],
        ["0.33333333333333333333"], ["3.14"], ["22/7"], ["3.1416"], ["0", "-0", "0.0", "0/5", "0%", "0e5"],
        ["1000000", "1e6", "1,000,000"], ["999999"], ["1000001"],
        ["100000000000000000000000000000", "1e29"], ["100000000000000000000000000001"],
    ]

    @Test func `spellings of one number are equal and those of different numbers never are`() throws {
        for (row, group) in Self.groups.enumerated() {
            for text in group {
                let answer = try #require(NumericAnswer(text), "\(text)")
                #expect(answer.value == NumericAnswer(group[0])?.value, "\(text) in \(group[0])")
                for other in Self.groups[..<row].joined() {
                    #expect(!Self.same(text, other), "\(text) and \(other)")
                    #expect(!Self.same(other, text), "\(other) and \(text)")
                }
            }
        }
    }

    private static func same(_ first: String, _ second: String) -> Bool {
        NumericVerifier().areEquivalent(first, second)
    }

    @Test(arguments: [
        "", " ", ".", "-", "$", "%", "1,2", "12,34", "1,2345", "0,123", "1,23,456", "1.2.3", "1/0", "\\frac{1}{0}",
        "1/2/3",
        "5:30", "2/3/2024", "3x", "2x", "5 x", "x", "2\\pi", "2 pi", "\\sqrt{4}", "sqrt(4)", "5!", "101_2", "3i", "3e",
        "1e",
        "1e999999999", "1e-999999999", "9**9**9", "2^3", "5 million", "3 dozen", "5 hundred", "2nd", "10th", "7 or 8",
        "7 and 8", "(7)", "[7]", "7, 8", "{7", "7}", "--7", "0.333...", "1/3...", "\\frac{1}{2", "\\frac{x}{2}",
        "2 3/2", "2 -1/2", "seven", "NaN", "inf", "∞", "0x10", "1_000", "≈ 5", "5%%", "5% off of",
        "42 is the answer of",
        "five 5", "x == 5", "x = y", "xy = 5", "$1$ or $2$", "1 2", "٤٢", "5 times", "5 squared", "½½", "1 ½ ½",
        "5 per",
        "5% apples", "10^6",
    ])
    func `what is not one number equals nothing, not even itself`(_ text: String) {
        #expect(NumericAnswer(text) == nil)
        #expect(!Self.same(text, text))
        #expect(!Self.same(text, "5"))
    }

    @Test(arguments: [
        ("5 apples", "5 pears"), ("$5", "€5"), ("5 dollars", "5 cents"), ("5 km", "5 m^2 "), ("5 cm", "5 cm^2"),
        ("5 cm²", "5 cm³"), ("90°", "90 radians"), ("5 kg", "5 g per day"), ("x=5", "y=5"), ("5 km/h", "5 km"),
        ("5 °C", "5 °F"), ("$5 per hour", "$5 per day"), ("5%", "5"), ("5%", "500"), ("5 hours", "5 minutes"),
    ])
    func `different units, currencies and variables are different answers`(_ first: String, _ second: String) {
        #expect(!Self.same(first, second))
        #expect(!Self.same(second, first))
    }

    @Test(arguments: [
        ("5 apples", "5 apple"), ("$5", "5 dollars"), ("$5", "5 USD"), ("5 km", "5 kilometers"),
        ("5 km/h", "5 km per hour"),
        ("5 cm^2", "5 cm²"), ("5 cm^{2}", "5\\text{ cm}^2"), ("90°", "90 degrees"), ("90^{\\circ}", "90^\\circ"),
        ("5 hrs", "5 hours"), ("$1,000.00", "\\$1000"), ("5 \\text{ m}", "5 meters"),
        ("$5 per hour", "5 dollars per hour"),
    ])
    func `a unit has one meaning in all its spellings`(_ first: String, _ second: String) {
        #expect(Self.same(first, second))
        #expect(Self.same(second, first))
        #expect(Self.same(first, "\(NumericAnswer(second)?.value.description ?? "")"))
    }

    // MARK: - Properties

    /// Ways to write a fraction; all are exactly its value.
    private static func spellings(_ value: Rational, _ generator: inout SplitMix) -> [String] {
        let sign = value.isNegative ? "-" : ""
        let (above, below) = (value.magnitude.numerator, value.denominator)
        let factor = BigInt(Int.random(in: 1...12, using: &generator))
        var texts = [
            "\(sign)\(above)/\(below)", "\(sign)\(above * factor)/\(below * factor)",
            "\(sign)\\frac{\(above)}{\(below)}",
            "\\dfrac{\(sign)\(above)}{\(below)}", "$\(sign)\(grouped(above))/\(grouped(below))$",
            "\(sign.isEmpty ? "" : "−")\(above) / \(below)", "\\boxed{\(sign)\\tfrac{\(above)}{\(below)}}",
            "\(sign)\(above * 100)/\(below)%", "x = \(sign)\(above)/\(below)",
        ]
        let (whole, rest) = above.quotientAndRemainder(dividingBy: below)
        if !rest.isZero {
            texts += ["\(sign)\(whole) \(rest)/\(below)", "\(sign)\(whole)\\frac{\(rest)}{\(below)}"]
        }
        if let decimal = value.exactDecimal(places: 30) {
            let percent = (value * 100).exactDecimal(places: 30) ?? ""
            texts += [decimal, "\(decimal)0".replacing(/^([^.]*)0$/) { "\($0.1)" }, "\(decimal)e0", "\(percent)%"]
        }
        return texts
    }

    private static func grouped(_ value: BigInt) -> String {
        var digits = String(value)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }

    private static func random(_ generator: inout SplitMix) -> Rational {
        let bound = [20, 1000, 1_000_000_000].randomElement(using: &generator) ?? 20
        let below = [1, 2, 4, 8, 5, 10, 100, 3, 7, 12, 999].randomElement(using: &generator) ?? 1
        return Rational(BigInt(Int.random(in: -bound...bound, using: &generator)), over: BigInt(below)) ?? 0
    }

    @Test(arguments: 0..<200) func `spellings never change a value, and never make two of one`(_ seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let first = Self.random(&generator)
        // A neighbour, a factor of ten, a reciprocal or anything: what a sloppy reader mixes up.
        let candidates = [
            first + 1, first * 10, first * 100, -first, first * .powerOfTen(-2), Self.random(&generator),
            Rational(1).divided(by: first) ?? 1, first + .powerOfTen(-6),
        ]
        let mine = Self.spellings(first, &generator)
        for text in mine {
            #expect(NumericAnswer(text)?.value == first, "\(text) for \(first)")
            #expect(Self.same(text, text))
        }
        let answers = mine.compactMap { NumericAnswer($0) }
        for second in candidates {
            for text in Self.spellings(second, &generator) {
                let other = try #require(NumericAnswer(text), "\(text)")
                for answer in answers {
                    #expect(answer.isEquivalent(to: other) == (first == second), "\(answer) and \(text)")
                    #expect(answer.isEquivalent(to: other) == other.isEquivalent(to: answer))
                }
            }
        }
    }

    /// Whatever a text is, reading it is no accident: it is the same every time, symmetric, and equal to itself or nothing.
    @Test(arguments: 0..<100) func `no text breaks the reader`(_ seed: Int) {
        let words = [
            "\\frac", "{", "}", "1", "2", ",", ".", "%", "$", "e", "-", "−", "½", " ", "cm", "/", "^\\circ", "\\text{",
        ]
        var mutator = Mutator(seed: UInt64(seed), vocabulary: words)
        var texts = ["\\boxed{2\\frac{1}{2}}", "$1,234.50 dollars", "-3.5e-2 \\text{ cm}^2", "x = 12 1/2%"]
        for _ in 0..<8 {
            texts = texts.map { String(decoding: mutator.mutate(Array($0.utf8)), as: UTF8.self) }
            for first in texts {
                for second in texts {
                    #expect(Self.same(first, second) == Self.same(second, first))
                    guard let one = NumericAnswer(first), let other = NumericAnswer(second) else { continue }
                    #expect(Self.same(first, first))
                    if one.value != other.value { #expect(!Self.same(first, second)) }
                }
            }
        }
    }
}
