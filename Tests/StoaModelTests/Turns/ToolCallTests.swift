import Foundation
import OrderedCollections
import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

/// Calls of tools that the engine's model wrote.
@Suite struct ToolCallTests {
    static let tools = [
        ToolDefinition(name: "add", description: "adds", parameters: ["type": "object"]),
        ToolDefinition(name: "python", description: "runs code", parameters: ["type": "object"]),
    ]

    /// A template that asks for calls, with marks that are named as its words.
    private static func template(_ words: String) -> String { "{# \(words) #}" + TinyChat.template }

    static let hermes = template("<tool_call>{\"name\": …, \"arguments\": …}</tool_call>")
    static let llama = template("<|python_tag|>, {\"name\": …, \"parameters\": …}")

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let template: String
        /// What the model writes.
        let words: String
        var calls: [ToolCall] = []
        /// The reply's text; nil for everything.
        var text: String?
        var testDescription: String { name }
    }

    private static func call(_ index: Int, _ name: String, _ arguments: JSONValue) -> ToolCall {
        ToolCall(id: "call_\(index)", name: name, arguments: arguments)
    }

    static let cases: [Case] = [
        Case(
            name: "Hermes: one call", template: hermes,
            words: "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": [2]}}\n</tool_call>",
            calls: [call(0, "add", ["a": 1, "b": [2]])], text: ""),
        Case(
            name: "Hermes: words, then two calls", template: hermes,
            words: "Let me see. \n\n<tool_call>{\"name\": \"add\", \"arguments\": {}}</tool_call>\n"
                + "<tool_call>\n{\"name\": \"python\", \"arguments\": {\"code\": \"print('</tool_call>')\"}}\n</tool_call>\n",
            calls: [call(0, "add", [:]), call(1, "python", ["code": "print('</tool_call>')"])], text: "Let me see."),
        Case(
            name: "Hermes: a tool that nobody offered is a call, too", template: hermes,
            words: "<tool_call>{\"name\": \"rm\", \"arguments\": {}}</tool_call>", calls: [call(0, "rm", [:])], text: ""
        ),
        Case(
            name: "Hermes: arguments within a string", template: hermes,
            words: "<tool_call>{\"name\": \"add\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>",
            calls: [call(0, "add", ["a": 1])], text: ""),
        Case(
            name: "Hermes: the end mark is missing", template: hermes,
            words: "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n", calls: [call(0, "add", ["a": 1])],
            text: ""),
        Case(
            name: "Hermes: an array", template: hermes,
            words: "<tool_call>[{\"name\": \"add\"}, {\"name\": \"python\", \"parameters\": {}}]</tool_call>",
            calls: [call(0, "add", [:]), call(1, "python", [:])], text: ""),
        Case(
            name: "Hermes: words behind a call", template: hermes,
            words: "Hm.\n<tool_call>{\"name\": \"add\"}</tool_call>\nThat is it.", calls: [call(0, "add", [:])],
            text: "Hm.That is it."),
        Case(
            name: "Hermes: malformed JSON stays text", template: hermes,
            words: "So: <tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": }}\n</tool_call>"),
        Case(
            name: "Hermes: an unfinished call stays text", template: hermes,
            words: "So:\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\":"),
        Case(
            name: "Hermes: a call without a name stays text", template: hermes,
            words: "<tool_call>{\"tool\": \"add\"}</tool_call>"),
        Case(
            name: "Hermes: arguments that are no object stay text", template: hermes,
            words: "<tool_call>{\"name\": \"add\", \"arguments\": [1]}</tool_call>"),
        Case(
            name: "Hermes: one call of two is malformed", template: hermes,
            words: "<tool_call>{\"name\": }</tool_call><tool_call>{\"name\": \"add\"}</tool_call>",
            calls: [call(0, "add", [:])], text: "<tool_call>{\"name\": }</tool_call>"),
        Case(name: "Hermes: nearly a mark", template: hermes, words: "a < b <tool_cal> <tool_call"),
        Case(
            name: "Llama: an object", template: llama,
            words: "{\"name\": \"add\", \"parameters\": {\"a\": 1}}", calls: [call(0, "add", ["a": 1])], text: ""),
        Case(
            name: "Llama: two objects", template: llama,
            words: " {\"name\": \"add\", \"parameters\": {}}; {\"type\": \"function\", \"name\": \"python\", "
                + "\"parameters\": {\"code\": \"1;2\"}}",
            calls: [call(0, "add", [:]), call(1, "python", ["code": "1;2"])], text: ""),
        Case(
            name: "Llama: an answer in JSON stays text", template: llama,
            words: "{\"name\": \"Ada\", \"parameters\": {}}"),
        Case(name: "Llama: words behind the object stay text", template: llama, words: "{\"name\": \"add\"} is it."),
        Case(
            name: "Llama: an object behind words stays text", template: llama,
            words: "So {\"name\": \"add\", \"parameters\": {}}"),
        Case(
            name: "generic: an object", template: TinyChat.template,
            words: "{\"name\": \"add\", \"arguments\": {\"a\": 1}}", calls: [call(0, "add", ["a": 1])], text: ""),
        Case(
            name: "generic: an array in a block", template: TinyChat.template,
            words: "```json\n[{\"name\": \"add\", \"parameters\": {}}]\n```\n", calls: [call(0, "add", [:])], text: ""),
        Case(
            name: "generic: the marks of Hermes", template: TinyChat.template,
            words: "Now. <tool_call>{\"name\": \"add\"}</tool_call>", calls: [call(0, "add", [:])], text: "Now."),
        Case(name: "generic: a block of code", template: TinyChat.template, words: "```python\nadd(1)\n```\nSo."),
        Case(name: "generic: JSON that calls nothing", template: TinyChat.template, words: "[1, 2, 3] and so on"),
        Case(name: "generic: an unknown tool stays text", template: TinyChat.template, words: "{\"name\": \"rm\"}"),
    ]

    /// Cuts words into pieces that are different from one another, so that a parrot can say them.
    private static func pieces(_ words: String, _ stream: RandomStream) -> [String] {
        var (pieces, rest, draw) = ([String](), Substring(words), UInt64(0))
        while !rest.isEmpty {
            let shortest = 1 + stream.integer(at: draw, below: 6)
            var count = min(shortest, rest.count)
            while count < rest.count, pieces.contains(String(rest.prefix(count))) || rest.prefix(count) == "\n" {
                count += 1
            }
            pieces.append(String(rest.prefix(count)))
            rest = rest.dropFirst(count)
            draw += 1
        }
        // The last piece may be one that was there before: then it is joined to the one before it.
        while pieces.count > 1, let last = pieces.last, pieces.dropLast().contains(last) || last == "\n" {
            pieces.removeLast()
            pieces[pieces.count - 1] += last
        }
        return pieces
    }

    @Test(arguments: cases) func `what a model writes is calls and words, however it is cut into tokens`(
        _ example: Case
    ) async throws {
        for seed in 0..<2 as Range<UInt64> {
            let pieces = Self.pieces(example.words, RandomStream(seed: seed).child(example.name))
            let model = try await Parrot(
                [Parrot.Line(cue: "\n", pieces: pieces)], template: example.template, context: 2048
            ).engine()
            let log = ProgressLog()
            let reply = try await model.complete(.ask("hi", tokens: 500) { $0.tools = Self.tools }) { log.add($0) }
            #expect(reply.toolCalls == example.calls)
            #expect(reply.text == example.text ?? example.words)
            #expect(log.text == reply.text)
            #expect(reply.finish == .stop)
            #expect(reply.tokens.count == pieces.count)
            // Nobody who was not offered tools calls one.
            let plain = try await model.complete(.ask("hi", tokens: 500))
            #expect(plain.text == example.words)
            #expect(plain.toolCalls.isEmpty)
        }
    }

    // MARK: - Marks that are control tokens

    private static func behindTag(_ pieces: [String], before: [String] = []) async throws -> ModelReply {
        let parrot = try Parrot(
            [Parrot.Line(cue: "\n", pieces: before + ["<|python_tag|>"] + pieces)], template: llama, context: 2048,
            controls: ["<|python_tag|>"])
        return try await parrot.engine().complete(.ask("hi", tokens: 100) { $0.tools = tools })
    }

    @Test func `behind the mark of Llama stands an object, a call or code`() async throws {
        let object = try await Self.behindTag(["{\"name\": \"search\", ", "\"parameters\": {\"q\": \"x\"}}"])
        #expect(object.toolCalls == [Self.call(0, "search", ["q": "x"])])
        let call = try await Self.behindTag(["search.call(query=", "\"a, \\\"b\\\"\", limit=3, deep=true)"])
        #expect(call.toolCalls == [Self.call(0, "search", ["query": "a, \"b\"", "limit": 3, "deep": true])])
        let code = try await Self.behindTag(["import math\n", "print(math.pi)"], before: ["Let me", " see. "])
        #expect(code.toolCalls == [Self.call(0, "python", ["code": "import math\nprint(math.pi)"])])
        #expect(code.text == "Let me see.")
        #expect([object, call].allSatisfy { $0.text.isEmpty })
    }

    @Test func `what makes no sense behind a mark is text, without the mark's name`() async throws {
        let parrot = try Parrot(
            [Parrot.Line(cue: "\n", pieces: ["Well, ", "<|python_tag|>", "{\"name\": "])], template: Self.llama,
            controls: ["<|python_tag|>"])
        let reply = try await parrot.engine().complete(.ask("hi") { $0.tools = [Self.tools[0]] })
        #expect(reply.toolCalls.isEmpty)
        #expect(reply.text == "Well, {\"name\": ")
    }

    // MARK: - Round trips

    /// What a template writes for an assistant's message, up to the end of its turn.
    private static func written(_ template: ChatTemplate, _ calls: [ToolCall]) throws -> String? {
        let date = TemplateDate(year: 2025, month: 3, day: 9, hour: 14, minute: 5, second: 7)
        let tools = JSONValue.array(tools.map(\.document))
        let question = [ChatMessage(.user, "What is 1 + 2?").document]
        let before = try template.render(messages: question, tools: tools, now: date).text
        let answer = ChatMessage(.assistant, "", toolCalls: calls).document
        let after = try template.render(
            messages: question + [answer], tools: tools, addGenerationPrompt: false, now: date)
        guard after.text.hasPrefix(before) else { return nil }
        var text = String(after.text.dropFirst(before.count))
        for end in ["<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "[|endofturn|]", "</s>"] {
            if let range = text.firstRange(of: end) { text = String(text[..<range.lowerBound]) }
        }
        return text
    }

    @Test func `calls of a model are the same tokens when its template writes them again`() async throws {
        let said = "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": \"x\"}}\n</tool_call>"
        let template = """
            {%- for message in messages -%}
            {{ '<|im_start|>' + message.role + '\\n' + message.content }}
            {%- for call in message.tool_calls or [] -%}
            {{ '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
            {{- call.function.arguments | tojson }}{{ '}\\n</tool_call>' }}
            {%- endfor -%}
            {{ '<|im_end|>\\n' }}
            {%- endfor -%}
            {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif -%}
            """
        let pieces = Self.pieces(said, RandomStream(seed: 1))
        let model = try await Parrot([Parrot.Line(cue: "\n", pieces: pieces)], template: template, context: 1024)
            .engine()
        let tokenizer = try await model.model.tokenizer()
        let reply = try await model.complete(.ask("hi", tokens: 100) { $0.tools = Self.tools })
        #expect(reply.toolCalls.count == 1)
        var next = ModelRequest.ask("hi", tokens: 1) { $0.tools = Self.tools }
        next.messages += [
            ChatMessage(.assistant, reply.text, toolCalls: reply.toolCalls),
            ChatMessage(.tool, "3", toolCallID: reply.toolCalls[0].id),
        ]
        let again = try await model.complete(next)
        let bytes =
            reply.promptTokens.flatMap { tokenizer.bytes(of: $0) } + reply.tokens.flatMap { tokenizer.bytes(of: $0) }
        #expect(again.promptTokens.flatMap { tokenizer.bytes(of: $0) }.starts(with: bytes + Array("<|im_end|>".utf8)))
    }

    private static let folder = URL(
        filePath: ProcessInfo.processInfo.environment["STOA_CACHE"].map { "\($0)/templates" }
            ?? (ProcessInfo.processInfo.environment["HOME"] ?? "") + "/.cache/stoa/templates")
    private static let isThere = FileManager.default.fileExists(atPath: folder.path)

    @Test(.enabled(if: isThere, "run .ci/fetch-templates for these"))
    func `real templates that ask for a known format write calls that are read as the same calls`() throws {
        let calls = [
            Self.call(0, "add", ["a": 1, "b": "<é> \"x\"\n"]), Self.call(1, "python", ["code": "print(1)\n"]),
        ]
        var found: [String: Int] = [:]
        let files = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path).filter {
            $0.hasSuffix(".jinja")
        }
        for path in files.sorted() {
            let source = try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
            let format = ToolCallProbe.format(for: source)
            guard format != "GenericToolCalls" else { continue }
            guard let template = try? ChatTemplate(source, specialTokens: ["bos_token": "<s>", "eos_token": "</s>"])
            else {
                continue
            }
            // Some take one call at a time.
            guard
                let (asked, words) = [calls, [calls[0]]].lazy.compactMap({ asked in
                    (try? Self.written(template, asked)).flatMap { $0 }.map { (asked, $0) }
                }).first
            else { continue }
            // Some write them elsewhere, or not at all.
            guard words.contains("add") else { continue }
            let reading = ToolCallProbe.read(words, template: source, offered: ["add", "python"])
            #expect(reading?.calls == asked, "\(path): \(words)")
            found[format, default: 0] += 1
        }
        #expect(found["HermesToolCalls", default: 0] >= 15)
        #expect(found["Llama3ToolCalls", default: 0] >= 5)
    }
}
