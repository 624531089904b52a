import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import Testing

/// Who is asked, and who is believed.
@Suite struct SecondOpinionTests {
    private static func opinion(_ reference: String = "so \\boxed{1}") throws -> JudgingInHand {
        try JudgingInHand(SecondOpinion.self, ["text": "\\sin^2 x+\\cos^2 x", "reference": .string(reference)])
    }

    @Test func `what a rule can tell needs nobody else`() throws {
        for isAccepted in [true, false] {
            var opinion = try Self.opinion()
            #expect(opinion.judged?.reference == "so \\boxed{1}")
            try opinion.judge(isAccepted)
            #expect(opinion.outcome == (isAccepted ? "accepted" : "refused"))
            #expect(opinion.value?["verifier"] == "equivalent")
        }
    }

    @Test func `without a reference, or an answer, there is nothing to compare`() throws {
        var opinion = try Self.opinion("")
        try opinion.judge(false, decided: false)
        #expect(opinion.outcome == "undecided")
        opinion = try Self.opinion()
        try opinion.judge(false, decided: false, answer: nil)
        #expect(opinion.outcome == "undecided")
    }

    @Test(arguments: [
        ("same", "accepted", 1), ("different", "refused", 0), ("unknown", "undecided", 0), ("maybe", "undecided", 0),
    ])
    func `what it cannot tell, the program does, told both answers alone`(
        _ verdict: String, _ outcome: String, _ score: Double
    ) throws {
        var opinion = try Self.opinion()
        try opinion.judge(false, decided: false, answer: "\\sin^2 x+\\cos^2 x")
        #expect(opinion.judged?.text == "so \\boxed{1}")
        try opinion.judge(true, answer: "1")
        let code = try #require(opinion.code)
        let lines = code.split(separator: "\n").map(String.init)
        #expect(lines[0] == "FIRST = bytes.fromhex(\"\(Self.hex("\\sin^2 x+\\cos^2 x"))\").decode()")
        #expect(lines[1] == "SECOND = bytes.fromhex(\"31\").decode()")
        #expect(!code.contains("eval(") && !code.contains("sympify") && !code.contains("parse_expr"))
        try opinion.run(CodeResult(stdout: "noise\n{\"verdict\": \"\(verdict)\", \"evidence\": \"why\"}\n"))
        #expect(opinion.outcome == outcome)
        #expect(opinion.value?["score"]?.doubleValue == score)
        #expect(opinion.value?["verifier"] == "second-opinion")
        #expect(opinion.value?["votes"]?.arrayValue?.map { $0["verifier"] } == ["equivalent", "second-opinion"])
    }

    @Test(arguments: [
        CodeResult(status: "timeout", limit: "wall"), CodeResult(), CodeResult(stdout: "True"),
        CodeResult(stdout: "{\"verdict\": 1}"),
        CodeResult(status: "exception", stdout: "{\"verdict\": \"same\"}", exception: .init(type: "E", message: "")),
    ])
    func `a program that comes to nothing decides nothing`(_ result: CodeResult) throws {
        var opinion = try Self.opinion()
        try opinion.judge(false, decided: false)
        try opinion.judge(true)
        try opinion.run(result)
        #expect(opinion.outcome == "undecided")
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
