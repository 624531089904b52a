import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import Testing

@testable import StoaMethods

/// Programs that compute or check an answer.
@Suite struct ProgramCheckTests {
    private static let block = "```python\nprint(2 + 2)\n```\n"

    /// A check whose text has an answer.
    private static func check(_ options: JSONValue.Members = [:]) throws -> JudgingInHand {
        var all: JSONValue.Members = ["text": "It is \\boxed{4}."]
        all.merge(options) { _, last in last }
        var check = try JudgingInHand(ProgramCheck.self, all)
        #expect(check.judged?.reference == check.judged?.text)
        try check.judge(true)
        return check
    }

    @Test func `the model is told the problem and not the answer, and its program runs in a state of its own`() throws {
        var check = try Self.check()
        #expect(check.question.contains("What is 2+2?"))
        #expect(!check.question.contains("boxed"))
        #expect(check.request?.fence == .strict)
        #expect(check.request?.sampling.temperature == 0)
        try check.write(Self.block, .fence)
        #expect(check.code == "print(2 + 2)")
        try check.run(CodeResult(stdout: "first\n4\n\n"))
        #expect(check.judged?.reference == "4")
        #expect(check.judged?.text == "It is \\boxed{4}.")
        try check.judge(true)
        #expect(check.outcome == "accepted")
        #expect(check.value?["output"] == "4")
        #expect(check.value?["code"] == "print(2 + 2)")
        #expect(check.value?["answer"] == "4")
        #expect(check.value?["verifier"] == "program-check")
    }

    @Test func `a different value refuses, one that cannot be compared decides nothing`() throws {
        for (decided, outcome) in [(true, "refused"), (false, "undecided")] {
            var check = try Self.check(["program": "print(5)"])
            #expect(check.code == "print(5)")
            try check.run(CodeResult(stdout: "5\n"))
            try check.judge(false, decided: decided)
            #expect(check.outcome == outcome)
        }
    }

    @Test(arguments: [
        ("0.3333333333333333", true), ("5.0", false), ("1e-09", true), ("0.30000000000000004", true), ("2.5", false),
        ("123456789012345678", false), ("1/3", false), ("nan", false), ("sqrt(2)", false),
        ("-0.1428571428571428", true),
    ])
    func `a number that may be rounded refuses nothing`(_ printed: String, mayBeRounded: Bool) throws {
        #expect(ProgramLogic.mayBeRounded(printed) == mayBeRounded)
        var check = try Self.check(["program": "x"])
        try check.run(CodeResult(stdout: printed))
        try check.judge(false)
        #expect(check.outcome == (mayBeRounded ? "undecided" : "refused"))
        check = try Self.check(["program": "x"])
        try check.run(CodeResult(stdout: printed))
        try check.judge(true)
        #expect(check.outcome == "accepted", "what is the same exactly is the same")
    }

    @Test(
        arguments: [
            (CodeResult(stdout: "1\n", value: "2", answer: "3"), "3"), (CodeResult(stdout: "1\n", value: "2"), "1"),
            (CodeResult(value: "2"), "2"), (CodeResult(value: "'a b'"), "a b"),
            (CodeResult(value: "Fraction(1, 2)"), "1/2"),
            (CodeResult(), nil), (CodeResult(value: "None"), nil), (CodeResult(stdout: " \n\n"), nil),
            (CodeResult(status: "exception", exception: .init(type: "E", message: "m")), nil),
            (CodeResult(status: "timeout", limit: "wall", stdout: "4"), nil),
        ] as [(CodeResult, String?)])
    func `what a program gives is its answer, else what it printed last, else its value`(
        _ result: CodeResult, value: String?
    ) throws {
        var check = try Self.check(["program": "x"])
        try check.run(result)
        if let value {
            #expect(check.judged?.reference == value)
        } else {
            #expect(check.outcome == "undecided")
            #expect(check.value?["output"] == .null)
        }
    }

    @Test func `a program that fails is written again, as often as it may be`() throws {
        var check = try Self.check(["attempts": 3])
        try check.write("I cannot.")
        #expect(check.question.contains("no complete block"))
        try check.write(Self.block, .fence)
        try check.run(CodeResult(status: "exception", exception: .init(type: "NameError", message: "x")))
        #expect(check.question.contains("NameError: x"))
        #expect(check.request?.messages.count == 6)
        try check.write(Self.block, .fence)
        try check.run(CodeResult())
        #expect(check.outcome == "undecided")
        #expect(check.value?["attempts"] == 3)
    }

    @Test func `a program that checks is given the answer as a text that cannot be code`() throws {
        let text = "\\boxed{'''\n\"\"\"; import os #é}"
        for (given, outcome) in [
            ("True", "accepted"), (" False ", "refused"), ("4", "undecided"), ("true", "undecided"),
        ] {
            var check = try JudgingInHand(
                ProgramCheck.self, ["text": .string(text), "program": "print(answer == '4')", "check": true])
            try check.judge(true, answer: text)
            let code = try #require(check.code)
            #expect(code.hasPrefix("answer = bytes.fromhex(\""))
            #expect(code.hasSuffix("\").decode()\nprint(answer == '4')"))
            #expect(!code.contains("import"))
            try check.run(CodeResult(stdout: given + "\n"))
            #expect(check.outcome == outcome)
        }
    }

    @Test func `a text without an answer is refused without a program`() throws {
        var check = try JudgingInHand(ProgramCheck.self, ["text": ""])
        try check.judge(false, answer: nil)
        #expect(check.outcome == "refused")
    }

    @Test func `a budget decides nothing`() throws {
        var check = try Self.check()
        try check.tell(.limited(exhausted))
        #expect(check.outcome == "undecided")
    }
}
