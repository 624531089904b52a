import OrderedCollections
import StoaCore
import StoaRemote
import Testing

/// Against a real server: llama.cpp's, on real weights.
@Suite(.enabled(if: LlamaServer.isExpected), .serialized, .timeLimit(.minutes(30))) struct LlamaServerTests {
    private typealias Outcome = (reply: ModelReply, text: String)

    /// Calls the server, by default with what it was asked for in the least time.
    private func call(
        _ prompt: String = "Say hello.", temperature: Double = 0, tokens: Int = 8,
        key: String = LlamaServer.key, options: (inout OpenAIModel.Options) -> Void = { _ in },
        request change: (inout ModelRequest) -> Void = { _ in }
    ) async throws -> Outcome {
        var request = ModelRequest(
            messages: [ChatMessage(.user, prompt)], sampling: SamplingParameters(temperature: temperature),
            maximumTokens: tokens, seed: SeedPath(seed: 11).child("solver"))
        change(&request)
        var settings = OpenAIModel.Options()
        settings.retries = RetrySchedule(attempts: 2)
        options(&settings)
        let address = try await LlamaServer.running.address
        let delivered = Record<String>()
        let (asked, chosen) = (request, settings)
        let reply = try await RemoteConnections.with { connections in
            let model = OpenAIModel(
                endpoint: try RemoteEndpoint(reference: "openai:smollm2@\(address)/v1", environment: [:]),
                key: APIKey { ["STOA_OPENAI_API_KEY": key] }, connections: connections, options: chosen,
                jitter: RandomStream(seed: 1), time: SystemTimeSource())
            return try await model.complete(asked) { if case .text(let text) = $0 { delivered.append(text) } }
        }
        return (reply, delivered.elements.joined())
    }

    @Test func `a greedy answer has text, tokens, log-probabilities and usage that fit together`() async throws {
        let (reply, text) = try await call(request: { $0.sampling.logProbabilities = 2 })
        #expect(!reply.text.isEmpty)
        #expect(text == reply.text)
        #expect(reply.finish == .length)
        #expect(reply.tokens.count == 8)
        #expect(reply.usage.decodedTokens == 8)
        #expect(reply.usage.prefillTokens + reply.usage.cachedTokens > 8)
        #expect(reply.logProbabilities.map(\.id) == reply.tokens)
        for entry in reply.logProbabilities {
            #expect(entry.logProbability <= 0 && entry.logProbability.isFinite)
            #expect(entry.top.count == 2)
            // The most probable token is the one that greedy decoding takes.
            #expect(entry.top.first?.id == entry.id)
            #expect(entry.top[0].logProbability >= entry.top[1].logProbability)
        }
        #expect(reply.duration > .zero)
    }

    @Test func `streamed and whole answers are the same`() async throws {
        let streamed = try await call()
        let whole = try await call(options: { $0.streams = false })
        #expect(whole.reply.text == streamed.reply.text)
        #expect(whole.reply.tokens == streamed.reply.tokens)
        #expect(whole.reply.finish == streamed.reply.finish)
        #expect(whole.text == streamed.text)
    }

    @Test func `the same seed gives the same text, another one another`() async throws {
        func sample(_ index: Int) async throws -> [TokenID] {
            try await call(
                "Tell me a story.", temperature: 1.5, tokens: 12, request: { $0.seed = $0.seed.child(index) }
            )
            .reply.tokens
        }
        let first = try await sample(0)
        #expect(first.count == 12)
        let again = try await sample(0)
        #expect(again == first)
        let other = try await sample(1)
        #expect(other != first)
    }

    @Test func `text ends before a stop string, and token ids are not asked for where they are not wanted`()
        async throws
    {
        let whole = try await call(tokens: 8).reply.text
        let word = try #require(whole.split(separator: " ").last.map(String.init))
        let (reply, text) = try await call(
            tokens: 8, options: { $0.asksForTokens = false }, request: { $0.stop = [word] })
        #expect(reply.text == String(whole[..<(try #require(whole.firstRange(of: word))).lowerBound]))
        #expect(text == reply.text)
        #expect(reply.finish == .stop)
        #expect(reply.tokens.isEmpty && reply.logProbabilities.isEmpty)
    }

    @Test func `tools, penalties and the conversation of a tool call are accepted`() async throws {
        let reply = try await call(
            tokens: 4,
            request: { request in
                let schema: JSONValue = [
                    "type": "object", "properties": ["expression": ["type": "string"]], "required": ["expression"],
                ]
                request.tools = [ToolDefinition(name: "calculator", description: "Computes.", parameters: schema)]
                request.messages += [
                    ChatMessage(
                        .assistant, "",
                        toolCalls: [ToolCall(id: "c1", name: "calculator", arguments: ["expression": "2+2"])]),
                    ChatMessage(.tool, "4", toolCallID: "c1"), ChatMessage(.user, "So?"),
                ]
                request.sampling = SamplingParameters(temperature: 0.8, topK: 20, topP: 0.95, minP: 0.1)
                request.sampling.presencePenalty = 0.1
                request.sampling.frequencyPenalty = 0.1
                request.sampling.repetitionPenalty = 1.05
                request.sampling.logitBias = [5: -1]
            }
        ).reply
        #expect(reply.usage.decodedTokens > 0)
    }

    @Test func `a wrong key is refused without being repeated`() async throws {
        let error = await #expect(throws: RemoteError.self) { try await call(key: "sk-wrong") }
        #expect(error?.code == .accessDenied)
        #expect(error?.message.hasSuffix("access refused: HTTP 401, with a key") == true)
        #expect(error?.description.contains("sk-") == false)
    }

    @Test func `a conversation that is too long is refused in the server's words`() async throws {
        let error = await #expect(throws: RemoteError.self) {
            try await call(String(repeating: "word ", count: 3000))
        }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("HTTP 400: \"") == true)
        #expect(error?.message.contains("context") == true)
    }

    @Test func `cancelling ends a real generation, and the server goes on answering`() async throws {
        _ = try await cancellation()
        let after = try await call(tokens: 2)
        #expect(after.reply.usage.decodedTokens == 2)
    }

    /// Cancels a generation, and says how long that took.
    private func cancellation() async throws -> Duration {
        let clock = SystemTimeSource()
        let begun = Tally()
        let address = try await LlamaServer.running.address
        return try await RemoteConnections.with { connections in
            let model = OpenAIModel(
                endpoint: try RemoteEndpoint(reference: "openai:smollm2@\(address)/v1", environment: [:]),
                key: APIKey { ["STOA_OPENAI_API_KEY": LlamaServer.key] }, connections: connections,
                jitter: RandomStream(seed: 1), time: clock)
            let request = ModelRequest(
                messages: [ChatMessage(.user, "Count to a thousand.")], sampling: .greedy, maximumTokens: 400,
                seed: SeedPath(seed: 1))
            // Awaited below.
            let call = Task { try await model.complete(request) { if case .text = $0 { begun.add() } } }
            await begun.reaches(2)
            let start = clock.now
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            return clock.now - start
        }
    }
}
