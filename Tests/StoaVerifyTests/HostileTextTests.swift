import StoaCore
import StoaVerify
import Testing

/// Texts that are made to take long: ten megabytes of anything, towers of powers, nesting without end.
@Suite(.serialized, .timeLimit(.minutes(30))) struct HostileTextTests {
    private static let megabytes = 10 << 20

    private static func repeated(_ text: String) -> String {
        String(repeating: text, count: megabytes / text.utf8.count)
    }

    /// Everything that looks at a text.
    private static func look(at text: String) {
        for verifier in Verifiers.all {
            _ = verifier.verify(VerificationRequest(text: text, reference: "1"))
            _ = verifier.verify(VerificationRequest(text: "1", reference: text))
            _ = verifier.areEquivalent(text, text)
        }
        _ = CalculatorTool().call(["expression": .string(text)])
    }

    @Test(arguments: [
        "9", "9,", "9.", "-", "(", "\\boxed{", "\\boxed{}", "}", "{", "####\n", "answer is ", "answer is 1/", "=", "1=",
        "1+1=2\n",
        "1 x 1 = ", "\\frac{", "\\frac{1}{2}", "$", " ", "\n", "½", "9^", "9**", "1e9", "%", "\\", "*", "−", "x = ",
        "1 = 1 = \n", "and 1+1=3 ", "x2 ",
    ])
    func `ten megabytes of anything are answered at once`(_ text: String) {
        let text = Self.repeated(text)
        Self.look(at: text)
    }

    @Test(arguments: [
        "9**9**9", "9^9^9^9", "1e999999999", "1e-999999999", "10^(10^10)", "(10^400)^400", "2^8191", "sqrt(10^2400)",
        String(repeating: "(", count: 400) + "1" + String(repeating: ")", count: 400),
        String(repeating: "-", count: 900) + "1", String(repeating: "2^", count: 300) + "2",
        String(repeating: "sqrt(", count: 150) + "2" + String(repeating: ")", count: 150),
        String(repeating: "1/3+", count: 200) + "1", (1...150).map { "1/\($0 * $0 + 1)" }.joined(separator: "+"),
        String(repeating: "9", count: 900),
    ])
    func `a small text that asks for much gets little`(_ text: String) {
        Self.look(at: text)
        Self.look(at: "\(text) = 1")
    }
}
