import NIOHTTP1
import OrderedCollections
import StoaCore
@testable import StoaRemote
import StoaTestKit
import Testing

@Suite(.timeLimit(.minutes(30))) struct OpenAIModelTests {
    @Test func `a stream becomes a reply, and its text is delivered as it comes`() async throws {
        let outcome = try await ModelUnderTest.answer(.events(Answers.stream(["Hel", "lo, ", "wörld 🜁"])))
        let reply = try #require(outcome.reply)
        #expect(reply.text == "Hello, wörld 🜁")
        #expect(outcome.events == [.prefilling, .text("Hel"), .text("lo, "), .text("wörld 🜁")])
        #expect(reply.finish == .stop)
        #expect(reply.usage == Usage(prefillTokens: 7, cachedTokens: 5, decodedTokens: 3))
        #expect(reply.tokens.isEmpty && reply.promptTokens.isEmpty && reply.logProbabilities.isEmpty)
    }

    @Test func `however the connection cuts a stream, the reply is the same`() async throws {
        let text =
            ": ping\r\n\r\n" + Answers.chunk(delta: ["role": "assistant", "content": .null])
            + Answers.chunk(delta: ["reasoning_content": "hm"]) + Answers.stream(["für ", "深い", "🜁"])
        let bytes = Array(text.replacing("\n", with: "\r\n").utf8)
        let replies = try await ModelUnderTest.run(answering: { request in
            guard request.repetition > 0 else { return .events(bytes.map { .bytes([$0]) }) }
            let cut = request.repetition * 37 % bytes.count
            return .events([.bytes(Array(bytes[..<cut])), .bytes(Array(bytes[cut...]))])
        }) { test in
            var replies: [ModelReply?] = []
            for _ in 0..<40 { replies.append(try await test.call().reply) }
            return replies
        }
        #expect(replies.count == 40)
        for reply in replies {
            #expect(reply?.text == "für 深い🜁")
            #expect(reply?.usage.decodedTokens == 3)
        }
    }

    @Test func `wherever a stream is cut, the pieces add up to the same reply`() throws {
        let endpoint = try RemoteEndpoint(reference: "openai:x@http://127.0.0.1:1/v1", environment: [:])
        let bytes = Array(Answers.stream(["für ", "深い", "🜁"]).utf8)
        for cut in 0...bytes.count {
            var stream = CompletionStream(endpoint: endpoint, key: nil, longest: 1 << 20)
            let texts = try stream.consume(bytes[..<cut]) + stream.consume(bytes[cut...]) + stream.finish()
            #expect(texts == ["für ", "深い", "🜁"], "cut at \(cut)")
            #expect(stream.isDone && stream.assembly.isFinished)
        }
        // Without its end, a stream is complete exactly when the reason for its end is there.
        let reason = try #require(String(decoding: bytes, as: UTF8.self).firstRange(of: "\"stop\"}]}"))
        let needed = String(decoding: bytes, as: UTF8.self)[..<reason.upperBound].utf8.count
        for length in 0...bytes.count {
            var stream = CompletionStream(endpoint: endpoint, key: nil, longest: 1 << 20)
            _ = try stream.consume(bytes[..<length]) + stream.finish()
            #expect(stream.assembly.isFinished == (length >= needed), "\(length) bytes")
        }
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `damaged streams give a reply or an error, the same however they are cut`(_ seed: UInt64) throws {
        let endpoint = try RemoteEndpoint(reference: "openai:x@http://127.0.0.1:1/v1", environment: [:])
        let call = Answers.chunk(delta: ["tool_calls": [["index": 0, "id": "a", "function": ["arguments": "{}"]]]])
        let token = Answers.chunk(delta: ["content": "x"], ["logprobs": ["content": [["id": 3, "logprob": -0.5]]]])
        var mutator = Mutator(
            seed: seed,
            vocabulary: [
                "null", "-1", "1e999", "9223372036854775807", "{", "]", "\"choices\"", "\"usage\"", "data: ", "\n\n",
                "[DONE]",
                "\"length\"", "\"error\":",
            ])
        let bytes = mutator.mutate(Array((call + token + Answers.stream(["für ", "深い"])).utf8))
        func outcome(_ pieces: [ArraySlice<UInt8>]) -> String {
            var stream = CompletionStream(endpoint: endpoint, key: nil, longest: 1 << 20)
            do {
                for piece in pieces { _ = try stream.consume(piece) }
                _ = try stream.finish()
                let reply = try stream.assembly.reply(to: ModelUnderTest.request, duration: .zero)
                #expect(reply.usage.total >= 0)
                return "\(reply)"
            } catch {
                return "\(error)"
            }
        }
        let whole = outcome([bytes[...]])
        for cut in stride(from: 0, through: bytes.count, by: 101) {
            #expect(outcome([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
    }

    @Test func `a server that does not stream is understood, and gives the same as one that does`() async throws {
        let whole = try await ModelUnderTest.answer(.json(Answers.whole("Hello!")))
        #expect(whole.reply?.text == "Hello!")
        #expect(whole.events == [.prefilling, .text("Hello!")])
        #expect(whole.reply?.usage == Usage(prefillTokens: 7, decodedTokens: 3))
        let asked = try await ModelUnderTest.run(
            { $0.streams = false }, answering: { _ in .json(Answers.whole("Hello!")) }
        ) { test in
            let outcome = try await test.call()
            #expect(test.server.requests[0].body["stream"] == .bool(false))
            #expect(test.server.requests[0].body["stream_options"] == nil)
            return outcome
        }
        #expect(asked.reply == whole.reply)
    }

    @Test func `the body says all that the request says, and the same every time`() async throws {
        var request = ModelUnderTest.request
        request.messages = [
            ChatMessage(.system, "Be brief."), ChatMessage(.user, "2+2?"),
            ChatMessage(
                .assistant, "", toolCalls: [ToolCall(id: "c1", name: "add", arguments: ["a": 2, "b": [1, "x"]])]),
            ChatMessage(.tool, "4", toolCallID: "c1"),
        ]
        request.tools = [ToolDefinition(name: "add", description: "adds", parameters: ["type": "object"])]
        request.stop = ["END", "\n\n"]
        request.sampling = SamplingParameters(temperature: 0.7, topK: 40, topP: 0.9, minP: 0.05, logProbabilities: 3)
        request.sampling.presencePenalty = 0.5
        request.sampling.frequencyPenalty = -0.25
        request.sampling.repetitionPenalty = 1.1
        request.sampling.logitBias = [9: -1, 3: 2.5]
        let bodies = try await ModelUnderTest.run(answering: { _ in .events(Answers.stream(["4"])) }) { test in
            _ = try await test.call(request)
            _ = try await test.call(request)
            var other = request
            other.seed = request.seed.child(1)
            _ = try await test.call(other)
            let head = test.server.requests[0]
            #expect(head.path == "/v1/chat/completions")
            #expect(head.headers.first(name: "Content-Type") == "application/json")
            #expect(head.headers.first(name: "Accept") == "text/event-stream")
            #expect(!head.headers.contains(name: "Authorization"))
            return test.server.requests.map(\.body)
        }
        let seed = try #require(bodies[0]["seed"]?.intValue)
        #expect((0..<(1 << 31)).contains(seed))
        #expect(bodies[1] == bodies[0])
        #expect(bodies[2]["seed"] != bodies[0]["seed"])
        let expected = """
            {"model":"test","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"},\
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"add",\
            "arguments":"{\\"a\\":2,\\"b\\":[1,\\"x\\"]}"}}]},{"role":"tool","content":"4","tool_call_id":"c1"}],\
            "stream":true,"stream_options":{"include_usage":true},"max_tokens":64,"seed":\(seed),\
            "stop":["END","\\n\\n"],"tools":[{"type":"function","function":{"name":"add","description":"adds",\
            "parameters":{"type":"object"}}}],"temperature":0.7,"top_p":0.9,"top_k":40,"min_p":0.05,\
            "presence_penalty":0.5,"frequency_penalty":-0.25,"repetition_penalty":1.1,"repeat_penalty":1.1,\
            "logit_bias":{"3":2.5,"9":-1},"logprobs":true,"top_logprobs":3}
            """
        #expect(bodies[0].text == expected)
        let plain = CompletionBody(
            request: ModelUnderTest.request, model: "m", streams: true, asksForTokens: false)
        #expect(
            plain.document.objectValue?.keys.elements == [
                "model", "messages", "stream", "stream_options", "max_tokens", "seed", "temperature", "top_p",
            ])
    }

    @Test func `tool calls are put together from their pieces, by index`() async throws {
        func call(_ index: Int, _ more: JSONValue.Members) -> JSONValue {
            var members: JSONValue.Members = ["index": .integer(Int64(index))]
            members.merge(more) { $1 }
            return ["tool_calls": [.object(members)]]
        }
        let pieces: [JSONValue] = [
            call(1, ["id": "b", "type": "function", "function": ["name": "mul", "arguments": ""]]),
            call(0, ["id": "a", "function": ["name": "add", "arguments": "{\"x\""]]),
            call(1, ["function": ["arguments": "{\"y\":[1,"]]), call(0, ["function": ["arguments": ":1}"]]),
            call(1, ["function": ["arguments": "2]}"]]), call(2, ["function": ["name": "now"]]),
            call(3, ["id": "d", "function": ["name": "bad", "arguments": "{x"]]),
        ]
        let body = pieces.map { Answers.chunk(delta: $0) }.joined() + Answers.stream([], finish: "tool_calls")
        let reply = try #require(try await ModelUnderTest.answer(.events(body)).reply)
        #expect(
            reply.toolCalls == [
                ToolCall(id: "a", name: "add", arguments: ["x": 1]),
                ToolCall(id: "b", name: "mul", arguments: ["y": [1, 2]]),
                ToolCall(id: "call_2", name: "now", arguments: .emptyObject),
                ToolCall(id: "d", name: "bad", arguments: "{x"),
            ])
        #expect(reply.finish == .stop && reply.text == "")
    }

    @Test func `whole tool calls without indices stay apart, and too many are refused`() throws {
        var calls = ToolCallAssembly()
        try calls.accept([
            ["id": "a", "function": ["name": "f", "arguments": ["x": 1]]],
            ["id": "b", "function": ["name": "g", "arguments": "{\"y\":"]], ["function": ["arguments": "2}"]],
        ])
        #expect(
            calls.calls == [
                ToolCall(id: "a", name: "f", arguments: ["x": 1]), ToolCall(id: "b", name: "g", arguments: ["y": 2]),
            ])
        #expect(throws: ToolCallAssembly.TooMany.self) { try calls.accept([["index": 128]]) }
        #expect(throws: ToolCallAssembly.TooMany.self) { try calls.accept([["index": -1]]) }
    }

    @Test(
        arguments: [
            ("stop", nil, 64, .stop), ("tool_calls", nil, 64, .stop), ("function_call", nil, 64, .stop),
            ("stop", "END", 64, .stopString), ("stop_sequence", nil, 64, .stopString), ("length", nil, 2, .length),
            ("length", nil, 64, .context),
        ] as [(String, String?, Int, FinishReason)])
    func `finish reasons are told apart`(
        _ reason: String, _ stop: String?, _ maximum: Int, _ expected: FinishReason
    ) throws {
        var assembly = CompletionAssembly()
        let stop: JSONValue = stop.map { .string($0) } ?? .integer(2)
        _ = try assembly.accept([
            "choices": [
                ["index": 0, "delta": ["content": "a"], "finish_reason": .string(reason), "stop_reason": stop]
            ],
            "usage": ["prompt_tokens": 1, "completion_tokens": 2],
        ])
        var request = ModelUnderTest.request
        request.maximumTokens = maximum
        #expect(try assembly.reply(to: request, duration: .zero).finish == expected)
    }

    @Test func `token ids and log-probabilities are taken where the server tells them`() async throws {
        func entry(_ id: Int?, _ value: Double, _ top: [(Int, Double)]) -> JSONValue {
            let top = top.map { ["id": .integer(Int64($0.0)), "logprob": .number($0.1)] as JSONValue }
            var members: JSONValue.Members = ["token": "x", "logprob": .number(value), "top_logprobs": .array(top)]
            if let id { members["id"] = .integer(Int64(id)) }
            return ["content": [.object(members)]]
        }
        let llama =
            Answers.chunk(delta: ["content": "a"], ["logprobs": entry(5, -0.5, [(9, -1), (4, -0.5), (3, -1)])])
            + Answers.chunk(delta: ["content": "b"], ["logprobs": entry(6, -0.25, [])]) + Answers.stream([])
        let first = try #require(
            try await ModelUnderTest.answer(.events(llama), { $0.asksForTokens = true }).reply)
        #expect(first.tokens == [5, 6])
        #expect(
            first.logProbabilities == [
                TokenLogProbability(
                    id: 5, logProbability: -0.5,
                    top: [
                        .init(id: 4, logProbability: -0.5), .init(id: 3, logProbability: -1),
                        .init(id: 9, logProbability: -1),
                    ]), TokenLogProbability(id: 6, logProbability: -0.25),
            ])
        let vllm =
            Answers.event(["choices": [], "prompt_token_ids": [1, 2, 3]])
            + Answers.chunk(
                delta: ["content": "a"], ["token_ids": [7, 8], "logprobs": entry(nil, -1, [])])
            + Answers.chunk(delta: ["content": ""], ["token_ids": [], "logprobs": entry(nil, -2, [])])
            + Answers.stream([])
        let second = try #require(try await ModelUnderTest.answer(.events(vllm)).reply)
        #expect(second.promptTokens == [1, 2, 3])
        #expect(second.tokens == [7, 8])
        #expect(second.logProbabilities.map(\.id) == [7, 8])
        let openAI =
            Answers.chunk(delta: ["content": "a"], ["logprobs": entry(nil, -1, [])]) + Answers.stream([], usage: false)
        let third = try #require(try await ModelUnderTest.answer(.events(openAI)).reply)
        #expect(third.tokens.isEmpty)
        #expect(third.logProbabilities.map(\.id) == [OpenAIModel.unknownToken])
        #expect(third.usage == Usage(decodedTokens: 1))
    }

    @Test func `the model says who it is`() async throws {
        try await ModelUnderTest.run({ $0.maximumConcurrency = 3 }, answering: { _ in .status(500) }) { test in
            let name = "openai:test@\(test.server.address)/v1"
            #expect(
                test.model.identity
                    == ModelIdentity(
                        name: name, provider: .remote, fingerprint: "openai:\(test.server.address)/v1 test"))
            #expect(test.model.concurrency == 3)
        }
    }

    @Test func `no more calls are under way than the limit allows`() async throws {
        try await ModelUnderTest.run(
            { $0.maximumConcurrency = 3 }, answering: { _ in .events([.pause, .text(Answers.stream(["a"]))]) }
        ) { test in
            try await withThrowingTaskGroup(of: ModelReply.self) { group in
                for _ in 0..<12 { group.addTask { try await test.model.complete(ModelUnderTest.request) { _ in } } }
                for wave in 1...4 {
                    await test.server.pauses.reaches(3 * wave)
                    #expect(test.server.pauses.count == 3 * wave)
                    test.server.proceed()
                }
                try await group.waitForAll()
            }
            #expect(test.server.mostInside == 3)
        }
    }
}
