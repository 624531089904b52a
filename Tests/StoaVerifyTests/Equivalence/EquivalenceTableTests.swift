import Foundation
import StoaCore
import StoaTestKit
import StoaVerify
import Testing

/// Every recorded pair is decided right, in both directions.
@Suite struct EquivalenceTableTests {
    @Test(arguments: EquivalencePair.kinds) func `every pair is decided right, whichever side is the answer`(
        _ kind: String
    ) throws {
        let pairs = try EquivalencePair.pairs(kind)
        #expect(pairs.count >= 15)
        for pair in pairs {
            let decision = Equivalence.decide(answer: pair.answer, reference: pair.reference)
            #expect(decision.isEquivalent == pair.isEquivalent, "\(pair.testDescription): \(decision)")
            let turned = Equivalence.decide(answer: pair.reference, reference: pair.answer)
            #expect(turned.isEquivalent == pair.isEquivalent, "turned: \(pair.testDescription): \(turned)")
            #expect(turned.method == decision.method)
        }
    }

    @Test func `the table is large, has every kind, and near misses enough`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: goldenPath("equivalence"))
        #expect(Set(files) == Set(EquivalencePair.kinds.map { "\($0).jsonl" } + ["README.md"]))
        let pairs = try EquivalencePair.kinds.flatMap { try EquivalencePair.pairs($0) }
        #expect(pairs.count >= 400)
        #expect(pairs.count { !$0.isEquivalent } * 3 >= pairs.count)
    }

    @Test(
        arguments: [
            ("so \\boxed{\\frac{1}{2}}", "0.5", "number", "\\frac{1}{2}", ["1/2", "1/2"]),
            ("\\sqrt{8}", "2\\sqrt2", "expression", "\\sqrt{8}", ["2*2^(1/2)", "2*2^(1/2)"]),
            ("x>3", "(3,\\infty)", "interval", "x>3", ["x in (3, oo)", "(3, oo)"]),
            ("2, 1", "\\{1,2\\}", "set", "2, 1", ["1, 2", "{1, 2}"]),
            ("\\text{(B)}", "B", "choice", "\\text{(B)}", ["B", "B"]),
            ("(1,2)", "3", "kind", "(1,2)", ["(1, 2)", "3"]), ("", "3", "unreadable", nil, ["", ""]),
            ("1+", "3", "unreadable", "1+", ["", "3"]), ("\\boxed{}", "3", "unreadable", "", ["", "3"]),
            ("(x+y)^{3000}", "3", "limit", "(x+y)^{3000}", ["", ""]),
        ] as [(String, String, String, String?, [String])])
    func `a decision says what was compared, and how`(
        _ answer: String, _ reference: String, _ method: String, _ extracted: String?, _ normalised: [String]
    ) {
        let decision = Equivalence.decide(answer: answer, reference: reference)
        #expect(decision.method.rawValue == method)
        #expect(decision.extracted == extracted)
        #expect(decision.normalised == normalised)
    }

    @Test(
        arguments: [
            ("4", "5", true), ("4", "4", true), ("sqrt(2)", "1.41421356", true), ("", "3", true),
            ("\\boxed{}", "3", true),
            ("x+1", "x+2", true), ("(1,2)", "(2,1)", true), ("yes", "no", true), ("\\cos(\\pi/7)", "0.9", true),
            ("\\sqrt{2+\\sqrt{3}}", "1.9", true), ("1+", "3", false), ("(x+y)^{3000}", "3", false),
            ("\\sin^2 x+\\cos^2 x", "1", false), ("\\sin x", "\\cos x", false), ("\\int_0^1 x dx", "1/2", false),
            ("\\sqrt[3]{2+\\sqrt5}+\\sqrt[3]{2-\\sqrt5}", "1", false),
        ] as [(String, String, Bool)])
    func `it says where it cannot tell`(_ answer: String, _ reference: String, _ isDecided: Bool) {
        let decision = Equivalence.decide(answer: answer, reference: reference)
        #expect(decision.isDecided == isDecided, "\(decision)")
        #expect(decision.isDecided || !decision.isEquivalent)
        let verdict = EquivalentVerifier().verify(VerificationRequest(text: answer, reference: reference))
        #expect(verdict.isDecided == isDecided)
    }
}
