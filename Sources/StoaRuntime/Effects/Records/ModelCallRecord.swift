internal import StoaCore

/// How a model call stands in the journal.
enum ModelCallRecord {
    /// What is asked of which model: the intent of a call.
    ///
    /// - Parameters:
    ///   - request: the call.
    ///   - model: the plan's name for the model.
    ///   - latentSteps: how many steps to think; nil for a call that speaks.
    /// - Returns: the intent.
    static func intent(_ request: ModelRequest, model: String, latentSteps: Int? = nil) -> Content {
        var content = Content()
        content.set("effect", .string(latentSteps == nil ? "model" : "think"))
        content.set("model", .string(model))
        content.refer("messages", toMessages: request.messages)
        content.set("latent_steps", latentSteps.map { .integer(Int64($0)) })
        if !request.context.isEmpty { content.set("context", .array(request.context.map(\.document))) }
        if !request.tools.isEmpty { content.refer("tools", toJSON: .array(request.tools.map(\.document))) }
        content.set("author", .string(request.author))
        guard latentSteps == nil else { return content }
        content.set("sampling", request.sampling.document)
        content.set("max_tokens", .integer(Int64(request.maximumTokens)))
        if !request.stop.isEmpty { content.set("stop", .array(request.stop.map { .string($0) })) }
        content.set("seed", .string(request.seed.description))
        return content
    }

    /// What came of a call that speaks.
    static func result(_ reply: ModelReply) -> Content {
        var content = Content()
        content.set("effect", "model")
        content.set("text", .string(reply.text))
        if !reply.toolCalls.isEmpty { content.set("tool_calls", .array(reply.toolCalls.map(\.document))) }
        content.set("finish", .string(reply.finish.rawValue))
        content.refer("prompt_tokens", toTokens: reply.promptTokens)
        content.refer("tokens", toTokens: reply.tokens)
        content.refer("logprobs", toLogProbabilities: reply.logProbabilities)
        // Which of the call's tokens the model chose: what training may learn from.
        content.set(
            "mask",
            [
                ["prompt", .integer(Int64(reply.promptTokens.count))], ["model", .integer(Int64(reply.tokens.count))],
            ])
        content.set("usage", reply.usage.logical.document)
        return content
    }

    /// Reads back what came of a call that speaks.
    static func reply(_ payload: JSONValue, in place: String, _ reader: ContentReader) async throws -> ModelReply {
        guard let text = payload["text"]?.stringValue,
            let finish = payload["finish"]?.stringValue.flatMap(FinishReason.init(rawValue:))
        else { throw JournalError.damaged("\(place): expected a model's reply") }
        var reply = ModelReply(
            text: text,
            toolCalls: (payload["tool_calls"]?.arrayValue ?? []).compactMap(ToolCall.init(document:)),
            finish: finish, usage: Usage(document: payload["usage"] ?? .emptyObject))
        guard reader.readsNumbers else { return reply }
        reply.promptTokens = try await reader.tokens(payload["prompt_tokens"], in: place)
        reply.tokens = try await reader.tokens(payload["tokens"], in: place)
        reply.logProbabilities = try await reader.logProbabilities(payload["logprobs"], in: place)
        return reply
    }

    /// What came of a call that thinks.
    static func result(_ reply: LatentReply) -> Content {
        var content = Content()
        content.set("effect", "think")
        content.set("latent", reply.latent.document)
        content.refer("prompt_tokens", toTokens: reply.promptTokens)
        content.set("usage", reply.usage.logical.document)
        return content
    }

    /// Reads back what came of a call that thinks.
    static func thought(_ payload: JSONValue, in place: String, _ reader: ContentReader) async throws -> LatentReply {
        guard let latent = payload["latent"].flatMap({ LatentHandle(document: $0) }) else {
            throw JournalError.damaged("\(place): expected a latent")
        }
        let tokens = reader.readsNumbers ? try await reader.tokens(payload["prompt_tokens"], in: place) : []
        return LatentReply(
            latent: latent, promptTokens: tokens, usage: Usage(document: payload["usage"] ?? .emptyObject))
    }

    /// Reads back what was asked, so that a thought can be had again.
    static func thinkRequest(
        _ intent: JSONValue, key: EffectKey, _ reader: ContentReader
    ) async throws -> (model: String, request: ModelRequest, steps: Int) {
        let place = "\(key)/effect_intended"
        guard let model = intent["model"]?.stringValue, let steps = intent["latent_steps"]?.intValue else {
            throw JournalError.damaged("\(place): expected a call that thinks")
        }
        let messages = try await reader.messages(intent["messages"], in: place)
        let context = (intent["context"]?.arrayValue ?? []).compactMap { LatentHandle(document: $0) }
        let request = ModelRequest(
            messages: messages, context: context, seed: SeedPath(seed: 0),
            author: intent["author"]?.stringValue ?? "")
        return (model, request, steps)
    }
}

extension SamplingParameters {
    /// What differs from sampling the model's own distribution.
    var document: JSONValue {
        var content = Content()
        content.set("temperature", .number(temperature))
        if topK != 0 { content.set("top_k", .integer(Int64(topK))) }
        if topP != 1 { content.set("top_p", .number(topP)) }
        if minP != 0 { content.set("min_p", .number(minP)) }
        if repetitionPenalty != 1 { content.set("repetition_penalty", .number(repetitionPenalty)) }
        if presencePenalty != 0 { content.set("presence_penalty", .number(presencePenalty)) }
        if frequencyPenalty != 0 { content.set("frequency_penalty", .number(frequencyPenalty)) }
        for (id, bias) in logitBias.sorted(by: { $0.key < $1.key }) {
            content.set("logit_bias_\(id)", .number(bias))
        }
        if let logProbabilities { content.set("logprobs", .integer(Int64(logProbabilities))) }
        return .object(content.document)
    }
}
