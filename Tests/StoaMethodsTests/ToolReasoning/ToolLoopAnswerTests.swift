import Foundation
import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import StoaTestKit
import Testing

/// What counts as an answer.
@Suite struct ToolLoopAnswerTests {
    /// The answer of words without code; nil where they have none.
    private static func answer(_ words: String, _ policy: JSONValue = "boxed") throws -> JSONValue? {
        var loop = try LoopInHand(["answer": policy])
        try loop.write(words)
        return loop.finish == "answer" ? loop.value?["answer"] : nil
    }

    @Test(
        arguments: [
            ("\\boxed{4}", "4"), ("so \\boxed{1} or \\boxed{2}.", "2"), ("\\boxed{\\frac{1}{2}}", "\\frac{1}{2}"),
            ("\\boxed{\\{1, 2\\}}", "\\{1, 2\\}"), ("\\boxed{ 3 }", "3"), ("\\boxed{\\boxed{5}}", "\\boxed{5}"),
            ("\\boxed{7} and \\boxed{", "7"), ("\\boxed{7} and \\boxed{}", "7"), ("{\\boxed{a}", "a"),
            ("\\boxed{ä}", "ä"), ("} \\boxed{a}", "a"), ("\\\\boxed{9}", nil), ("put it in \\boxed{}", nil),
            ("\\boxed{4", nil), ("\\boxed 4", nil), ("boxed{4}", nil), ("\\", nil), ("", nil),
        ] as [(String, String?)])
    func `the last box that is complete and not empty is the answer`(_ words: String, expected: String?) throws {
        #expect(try Self.answer(words) == expected.map { .string($0) })
        #expect(try Self.answer(words, "both") == expected.map { .string($0) })
        #expect(try Self.answer(words, "final_answer") == nil)
    }

    @Test func `a box before code does not end the loop, but for simpletir, which runs the code all the same`() throws {
        for policy in ["both", "boxed", "final_answer", "simpletir"] {
            var loop = try LoopInHand(["answer": .string(policy)])
            try loop.write(block("check()", "The answer is \\boxed{3}\n"))
            #expect(loop.code?.hasSuffix("check()") == true)
            try loop.tell(CodeResult(stdout: "no\n"))
            #expect((loop.finish == "answer") == (policy == "simpletir"), "\(policy)")
            if policy == "simpletir" { #expect(loop.value?["answer"] == "3") }
        }
    }

    @Test(
        arguments: [
            (CodeResult(stdout: "12\n"), "12"), (CodeResult(stdout: "first\n 13 \n\n"), "13"),
            (CodeResult(value: "14"), "14"),
            (CodeResult(stdout: "15\n", value: "None"), "15"), (CodeResult(stdout: "16\n", answer: "17"), "17"),
            (CodeResult(), nil), (CodeResult(stdout: " \n"), nil), (CodeResult(stderr: "18\n"), nil),
            (CodeResult(status: "exception", stdout: "19\n"), nil),
            (CodeResult(status: "timeout", limit: "wall", stdout: "20\n"), nil),
        ] as [(CodeResult, String?)])
    func `a program's output is its answer where that is the rule`(_ outcome: CodeResult, expected: String?) throws {
        var loop = try LoopInHand(["answer": "output"])
        try loop.write(block("work()"))
        try loop.tell(outcome)
        #expect((loop.finish == "answer") == (expected != nil))
        if let expected { #expect(loop.value?["answer"] == .string(expected)) }
        #expect(try Self.answer("\\boxed{4}", "output") == "4")
    }

    @Test func `a box that is printed is an answer for simpletir alone`() throws {
        for policy in ["both", "boxed", "final_answer", "simpletir"] {
            var loop = try LoopInHand(["answer": .string(policy)])
            try loop.write(block("x"))
            try loop.tell(CodeResult(stdout: "\\boxed{12}\n"))
            #expect((loop.finish == "answer") == (policy == "simpletir"), "\(policy)")
            if policy == "simpletir" { #expect(loop.value?["answer"] == "12") }
        }
    }

    @Test func `simpletir ends with any box, also one that cannot be read`() throws {
        #expect(try Self.answer("\\boxed{4", "simpletir") == .null)
        #expect(try Self.answer("put it in \\boxed{}", "simpletir") == .null)
        #expect(try Self.answer("\\boxed {4}", "simpletir") == nil)
    }

    // T12
    @Test func `what code gives to final_answer is the answer, on a channel of its own`() throws {
        for (policy, ends) in [("both", true), ("final_answer", true), ("boxed", false), ("simpletir", false)] {
            var loop = try LoopInHand(["answer": .string(policy)])
            try loop.write(block("final_answer(0.5)"))
            #expect((loop.code == "final_answer(0.5)") == (policy != "simpletir"))
            try loop.tell(CodeResult(stdout: "\\boxed is not printed", answer: "0.5"))
            #expect((loop.finish == "answer") == ends, "\(policy)")
            if ends { #expect(loop.value?["answer"] == "0.5") }
        }
        // Redefined, it gives nothing, and the loop goes on.
        var loop = try LoopInHand()
        try loop.write(block("def final_answer(x): pass\nfinal_answer(4)"))
        try loop.tell(CodeResult())
        #expect(loop.request != nil)
    }

    // T12
    @Test(
        arguments: [
            ("final_answer(0.5)", "0.5"), ("final_answer('x + 1')", "x + 1"), ("final_answer([1, 2])", "[1, 2]"),
            ("import fractions\nfinal_answer(fractions.Fraction(1, 2))", "1/2"),
            ("final_answer({'a': 1})", "{'a': 1}"), ("print(3)", nil),
            ("def final_answer(x):\n    print(x)\nfinal_answer(4)", nil),
        ] as [(String, String?)])
    func `simpletir's prelude prints a box`(_ code: String, expected: String?) throws {
        var loop = try LoopInHand(["answer": "simpletir", "fence": "simpletir"])
        try loop.write(block(code, ""), .fence)
        let program = try #require(loop.code)
        #expect(program.hasPrefix("def final_answer(result):\n"))
        let python = Process()
        let output = Pipe()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = ["python3", "-I", "-c", program]
        python.standardOutput = output
        try python.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)
        try loop.tell(CodeResult(stdout: String(decoding: printed, as: UTF8.self)))
        #expect((loop.finish == "answer") == (expected != nil))
        if let expected { #expect(loop.value?["answer"] == .string(expected)) }
    }
}
