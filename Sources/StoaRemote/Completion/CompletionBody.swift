internal import OrderedCollections
internal import StoaCore

/// The body of a request for a chat completion, as OpenAI-compatible servers read it.
///
/// Temperature and top-p are always sent, since servers have defaults of their own. What is not part of OpenAI's interface
/// (`top_k`, `min_p`, the repetition penalty) is sent only where it is set: a server without these extensions refuses or
/// ignores them, and one with them applies its own defaults where nothing is sent.
///
/// Determinism: a pure function of the request, with its members in a fixed order; the seed is the first word of the
/// request's stream for servers.
struct CompletionBody: Sendable {
    let request: ModelRequest
    let model: String
    let streams: Bool
    /// Whether to ask for token ids too, by vLLM's extension and llama.cpp's log-probabilities.
    let asksForTokens: Bool

    /// A seed of 31 bits, which every server can hold: llama.cpp's has 32, of which the last value means "any".
    static func seed(of path: SeedPath) -> Int64 { Int64(path.stream.child("server").word(at: 0) >> 33) }

    /// The document.
    var document: JSONValue {
        var members: JSONValue.Members = [
            "model": .string(model), "messages": .array(request.spokenMessages.map(Self.message)),
            "stream": .bool(streams),
        ]
        if streams { members["stream_options"] = ["include_usage": true] }
        members["max_tokens"] = .integer(Int64(request.maximumTokens))
        members["seed"] = .integer(Self.seed(of: request.seed))
        if !request.stop.isEmpty { members["stop"] = .array(request.stop.map { .string($0) }) }
        if !request.tools.isEmpty { members["tools"] = .array(request.tools.map(\.document)) }
        addConstraint(to: &members)
        addSampling(request.sampling, to: &members)
        return .object(members)
    }

    /// A schema in OpenAI's own words, everything else in vLLM's: a server without these ignores them, so that whoever asks
    /// checks the reply.
    private func addConstraint(to members: inout JSONValue.Members) {
        switch request.constraint {
        case .schema(let schema):
            members["response_format"] = [
                "type": "json_schema", "json_schema": ["name": "reply", "schema": schema.document],
            ]
        case .regex(let text): members["structured_outputs"] = ["regex": .string(text)]
        case .choices(let texts): members["structured_outputs"] = ["choice": .array(texts.map { .string($0) })]
        case nil: break
        }
    }

    private func addSampling(_ sampling: SamplingParameters, to members: inout JSONValue.Members) {
        members["temperature"] = .number(sampling.temperature)
        members["top_p"] = .number(sampling.topP)
        if sampling.topK > 0 { members["top_k"] = .integer(Int64(sampling.topK)) }
        if sampling.minP > 0 { members["min_p"] = .number(sampling.minP) }
        if sampling.presencePenalty != 0 { members["presence_penalty"] = .number(sampling.presencePenalty) }
        if sampling.frequencyPenalty != 0 { members["frequency_penalty"] = .number(sampling.frequencyPenalty) }
        if sampling.repetitionPenalty != 1 {
            // vLLM's name, and llama.cpp's.
            members["repetition_penalty"] = .number(sampling.repetitionPenalty)
            members["repeat_penalty"] = .number(sampling.repetitionPenalty)
        }
        if !sampling.logitBias.isEmpty {
            let entries = sampling.logitBias.sorted { $0.key < $1.key }.map {
                ("\($0.key)", JSONValue.number($0.value))
            }
            members["logit_bias"] = .object(OrderedDictionary(uniqueKeysWithValues: entries))
        }
        // llama.cpp refuses to stream log-probabilities along with tools, so there they are not asked for unasked.
        if sampling.logProbabilities != nil || (asksForTokens && request.tools.isEmpty) { members["logprobs"] = true }
        if let count = sampling.logProbabilities, count > 0 { members["top_logprobs"] = .integer(Int64(count)) }
        if asksForTokens { members["return_token_ids"] = true }
    }

    /// A message, the arguments of its calls as JSON in a string.
    private static func message(_ message: ChatMessage) -> JSONValue {
        var members: JSONValue.Members = ["role": .string(message.role.rawValue), "content": .string(message.content)]
        if !message.toolCalls.isEmpty {
            // Servers write null where there is nothing but calls, and some read it only so.
            if message.content.isEmpty { members["content"] = .null }
            members["tool_calls"] = .array(
                message.toolCalls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments.text)],
                    ]
                })
        }
        if let id = message.toolCallID { members["tool_call_id"] = .string(id) }
        return .object(members)
    }
}
