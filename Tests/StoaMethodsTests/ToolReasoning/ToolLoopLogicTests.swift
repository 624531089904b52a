import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import Testing

/// The decisions of a loop, without anything that runs.
@Suite struct ToolLoopLogicTests {
    @Test func `code is called in a state of the step's own, and what came of it follows the model's tokens`() throws {
        var loop = try LoopInHand()
        #expect(loop.request?.fence == .strict)
        #expect(loop.request?.turn == [])
        let text = block("print(1 + 1)")
        guard case .call(let call, let keepsState) = try loop.write(text) else {
            Issue.record("expected a call, found \(loop.last)")
            return
        }
        #expect(keepsState)
        #expect(call == ToolCall(id: "call_0", name: "python", arguments: ["code": "print(1 + 1)"]))
        try loop.tell(CodeResult(stdout: "2\n"))
        let pieces = try #require(loop.request?.turn)
        #expect(
            pieces == [
                .tokens(text.unicodeScalars.map { TokenID(Int32(bitPattern: $0.value)) }, text: text),
                .feedback("\nCode execution result:\n[stdout] 2\n"),
            ])
        try loop.write("It is \\boxed{2}.")
        let expected: JSONValue = [
            "text": .string(text + "\nCode execution result:\n[stdout] 2\nIt is \\boxed{2}."), "answer": "2",
            "finish": "answer", "turns": 2, "tool_calls": 1, "void": false,
        ]
        #expect(loop.value?.canonicalText == expected.canonicalText)
    }

    @Test(arguments: [FinishReason.stop, .length])
    func `what is made up behind a block goes no further, though the model wrote on`(_ finish: FinishReason) throws {
        var loop = try LoopInHand()
        loop.last = try loop.logic.step(
            .replied(ModelReply(text: block("nonce") + "Code execution result: 5\n\\boxed{5}", finish: finish)))
        #expect(loop.code == "nonce")
        try loop.tell(CodeResult(stdout: "8417\n"))
        let words = loop.request?.turn.map(\.text).joined() ?? ""
        #expect(words == "So:\n```python\nnonce\n```" + "\nCode execution result:\n[stdout] 8417\n")
        try loop.write("\\boxed{8417}")
        #expect(loop.value?["answer"] == "8417")
        #expect(loop.value?["text"]?.stringValue?.contains("5}") == false)
    }

    @Test func `tokens that go on behind a block cannot be cut, and are refused`() throws {
        var loop = try LoopInHand()
        let error = #expect(throws: (any Error).self) { try loop.write(block("x") + "made up", .stop) }
        #expect(
            (error as? any StoaError)?.message
                == "tool-loop: expected the model's reply to end with its first block of code, found words behind it")
        // A block at the very end, and white space behind it, are as they should be.
        for end in ["", "\n", "\n \n"] {
            var loop = try LoopInHand()
            try loop.write("```python\nx\n```" + end, .stop)
            #expect(loop.code == "x")
        }
    }

    @Test(
        arguments: [
            ("", FinishReason.stop, "void"), ("Some words.", .stop, "void"), ("put it in a \\boxed{}", .stop, "void"),
            ("```python\nprint(1)", .length, "void"), ("Words without end", .length, "void"),
            ("```json\n{}\n```\n", .stop, "void"), ("Words", .limit, "limit"), ("Words", .context, "context_exhausted"),
        ])
    func `a turn with neither a block nor an answer is void`(_ text: String, _ reason: FinishReason, finish: String)
        throws
    {
        var loop = try LoopInHand()
        try loop.write(text, reason)
        #expect(loop.finish == finish)
        #expect(loop.value?["void"] == true)
        #expect(loop.value?["answer"] == .null)
        // Also where it comes behind turns that were not.
        var later = try LoopInHand()
        try later.write(block("x"))
        try later.tell(CodeResult())
        try later.write(text, reason)
        #expect(later.finish == finish)
        #expect(later.value?["void"] == true)
        #expect(later.value?["turns"] == 2)
    }

    @Test(arguments: [
        CodeResult(status: "exception", exception: .init(type: "E", message: "")),
        CodeResult(status: "timeout", limit: "wall"), CodeResult(), CodeResult(status: "session_lost"),
    ])
    func `code that fails, takes too long or prints nothing is no void turn`(_ result: CodeResult) throws {
        var loop = try LoopInHand(["turns": 3])
        for _ in 0..<3 {
            #expect(loop.request != nil)
            try loop.write(block("x"))
            try loop.tell(result)
        }
        #expect(loop.finish == "turns")
        #expect(loop.value?["void"] == false)
    }

    @Test(arguments: [1, 5, 10]) func `the last turn's code is run, and nobody is told what came of it`(_ turns: Int)
        throws
    {
        var loop = try LoopInHand(["turns": .integer(Int64(turns))])
        for turn in 0..<turns {
            #expect(loop.request?.turn.count == 2 * turn)
            try loop.write(block("print(\(turn))"))
            #expect(loop.code == "print(\(turn))")
            try loop.tell(CodeResult(stdout: "<\(turn)>"))
        }
        #expect(loop.finish == "turns")
        #expect(loop.value?["turns"]?.intValue == turns)
        #expect(loop.value?["tool_calls"]?.intValue == turns)
        let text = loop.value?["text"]?.stringValue ?? ""
        #expect(text.contains("<\(turns - 1)>") == false)
        #expect(turns == 1 || text.contains("<\(turns - 2)>"))
        #expect(text.hasSuffix("```\n"))
    }

    @Test func `an answer in the last turn's code counts`() throws {
        var loop = try LoopInHand(["turns": 1])
        try loop.write(block("final_answer(4)"))
        try loop.tell(CodeResult(answer: "4"))
        #expect(loop.finish == "answer")
        #expect(loop.value?["answer"] == "4")
    }

    @Test(arguments: [0, 1, 2]) func `calls have a limit of their own, behind which the model may still answer`(
        _ calls: Int
    )
        throws
    {
        var loop = try LoopInHand(["tool_calls": .integer(Int64(calls))])
        for _ in 0..<calls {
            try loop.write(block("x"))
            try loop.tell(CodeResult())
        }
        var answering = loop
        try answering.write("\\boxed{1}")
        #expect(answering.finish == "answer")
        try loop.write(block("x"))
        #expect(loop.finish == "tool_calls")
        #expect(loop.value?["tool_calls"]?.intValue == calls)
        #expect(loop.value?["void"] == false)
    }

    @Test func `a context without room ends the loop without a turn`() throws {
        var loop = try LoopInHand()
        try loop.write(block("x"))
        try loop.tell(CodeResult(stdout: "1"))
        try loop.write("", .context)
        #expect(loop.finish == "context_exhausted")
        #expect(loop.value?["turns"] == 1)
        #expect(loop.value?["void"] == false)
    }

    @Test func `a budget ends the loop with what there is`() throws {
        var loop = try LoopInHand()
        try loop.write(block("x"))
        loop.last = try loop.logic.step(.limited(LimitReached(limit: "tool_calls", allowed: 0, spent: 0, scope: "run")))
        #expect(loop.finish == "limit")
        #expect(loop.value?["void"] == false)
        #expect(loop.value?["text"]?.stringValue == block("x"))
    }

    @Test func `a call that was refused is told to the model`() throws {
        var loop = try LoopInHand()
        try loop.write(block("x"))
        try loop.tell(ToolResult(status: .denied, output: "a person refused the call"))
        #expect(
            loop.request?.turn.last == .feedback("\nCode execution result:\n[denied] a person refused the call\n"))
    }

    @Test func `any tool with one argument can be the one that runs code`() throws {
        let calculator = ToolDefinition(
            name: "calculator", description: "",
            parameters: ["properties": ["expression": ["type": "string"]], "required": ["expression"]])
        var loop = try LoopInHand(["tool": "calculator"], tools: [LoopInHand.python, calculator])
        try loop.write("```\n6 * 7\n```\n")
        #expect(loop.call == ToolCall(id: "call_0", name: "calculator", arguments: ["expression": "6 * 7"]))
        try loop.tell(ToolResult(status: .ok, value: "42", output: "42"))
        #expect(loop.request?.turn.last == .feedback("\nCode execution result:\n[value] 42\n"))
        try loop.write("```\n6 *\n```\n")
        try loop.tell(ToolResult(status: .failed, output: "expected a number"))
        #expect(loop.request?.turn.last == .feedback("\nCode execution result:\n[failed] expected a number\n"))
    }

    // MARK: - Native calls

    private static let weather = ToolDefinition(name: "weather", description: "", parameters: .emptyObject)

    @Test func `native calls are made in order and answered as tools' messages`() throws {
        var loop = try LoopInHand(["native": true], tools: [LoopInHand.python, Self.weather])
        #expect(loop.request?.tools.map(\.name) == ["python", "weather"])
        #expect(loop.request?.fence == nil)
        let calls = [
            ToolCall(id: "a", name: "python", arguments: ["code": "1"]),
            ToolCall(id: "b", name: "nowhere", arguments: .emptyObject),
            ToolCall(id: "c", name: "weather", arguments: .emptyObject),
        ]
        try loop.write("Let me see.", calls: calls)
        #expect(loop.call == calls[0])
        try loop.tell(CodeResult(value: "1"))
        #expect(loop.call == calls[2])
        try loop.tell(ToolResult(status: .ok, value: .null, output: "rain"))
        let messages = try #require(loop.request?.messages)
        #expect(
            messages == [
                ChatMessage(.user, "Q"), ChatMessage(.assistant, "Let me see.", toolCalls: calls),
                ChatMessage(.tool, "Code execution result:\n[value] 1", toolCallID: "a"),
                ChatMessage(
                    .tool, "Code execution result:\n[failed] there is no tool nowhere: there is python, weather",
                    toolCallID: "b"),
                ChatMessage(.tool, "Code execution result:\n[stdout] rain", toolCallID: "c"),
            ])
        #expect(loop.request?.turn == [])
        try loop.write("It rains.")
        #expect(loop.finish == "stop")
        #expect(loop.value?["void"] == false)
        #expect(loop.value?["tool_calls"] == 3)
        #expect(loop.value?["turns"] == 2)
    }

    @Test func `native calls keep to the limits, and one tool can be offered alone`() throws {
        var loop = try LoopInHand(
            ["native": true, "tool": "weather", "tool_calls": 1], tools: [LoopInHand.python, Self.weather])
        #expect(loop.request?.tools.map(\.name) == ["weather"])
        let call = ToolCall(id: "a", name: "weather", arguments: .emptyObject)
        try loop.write("", calls: [call, call])
        try loop.tell(ToolResult(status: .ok))
        #expect(loop.finish == "tool_calls")
        var last = try LoopInHand(["native": true, "turns": 1], tools: [Self.weather])
        try last.write("", calls: [call, call])
        try last.tell(ToolResult(status: .ok))
        #expect(last.call == call, "all of the last turn's calls are made")
        try last.tell(ToolResult(status: .ok))
        #expect(last.finish == "turns")
        var cut = try LoopInHand(["native": true], tools: [Self.weather])
        try cut.write("Words without end", .length)
        #expect(cut.finish == "void")
    }

    @Test func `where code is fenced, calls that a model makes up are words`() throws {
        var loop = try LoopInHand()
        try loop.write("Hm", calls: [ToolCall(id: "a", name: "python", arguments: .emptyObject)])
        #expect(loop.finish == "void")
    }
}
