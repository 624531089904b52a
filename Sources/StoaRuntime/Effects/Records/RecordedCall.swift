internal import OrderedCollections
internal import StoaCore

/// What a model was asked, read back, so that its latent can be had again.
struct RecordedCall: Sendable {
    /// The plan's name for the model.
    var model: String
    var request: ModelRequest
    /// How it thought; nil for a call that spoke.
    var thinking: Thinking?
    /// Whether latents of other models are mapped to the model's space.
    var translates: Bool

    /// Reads an intent.
    ///
    /// - Parameters:
    ///   - intent: the intent's payload; `latent_steps` alone stands for thinking in the usual way.
    ///   - key: the call.
    ///   - seed: the run's seed.
    ///   - started: the run's start.
    ///   - reader: brings back what it refers to.
    /// - Throws: `JournalError` for a damaged one.
    init(
        _ intent: JSONValue, key: EffectKey, seed: UInt64, started: WallTime, _ reader: ContentReader
    ) async throws {
        let place = "\(key)/effect_intended"
        thinking =
            intent["thinking"].flatMap { Thinking(document: $0) }
            ?? intent["latent_steps"]?.intValue.map { Thinking(steps: $0) }
        guard let model = intent["model"]?.stringValue, thinking != nil || intent["effect"] == "model" else {
            throw JournalError.damaged("\(place): expected a call of a model")
        }
        self.model = model
        func handle(_ document: JSONValue) throws -> LatentHandle {
            guard let latent = LatentHandle(document: document) else {
                throw JournalError.damaged("\(place): expected a latent")
            }
            return latent
        }
        translates = intent["translate"] == true
        request = ModelRequest(
            messages: try await reader.messages(intent["messages"], in: place),
            context: try (intent["context"]?.arrayValue ?? []).map(handle),
            sampling: SamplingParameters(recorded: intent["sampling"] ?? .emptyObject),
            stop: (intent["stop"]?.arrayValue ?? []).compactMap(\.stringValue), seed: key.seedPath(seed: seed),
            author: intent["author"]?.stringValue ?? "", date: started,
            base: try intent["base"].map(handle),
            recall: intent["recall"].flatMap { LatentRecall(document: $0) } ?? LatentRecall(),
            keepsLatent: intent["keeps_latent"] == true, ignoresEndOfTurn: intent["ignores_end_of_turn"] == true)
        if let adapter = intent["adapter"] {
            guard let adapter = adapter.stringValue.flatMap({ AdapterReference($0) }) else {
                throw JournalError.damaged("\(place): expected an adapter's digest")
            }
            request.adapter = adapter
        }
        if intent["turn"] != nil { request.turn = try await reader.turn(intent["turn"], in: place) }
        request.fence = intent["fence"]?.stringValue.flatMap(FenceSyntax.init(rawValue:))
        if let constraint = intent["constraint"] {
            do {
                request.constraint = try OutputConstraint(document: constraint)
            } catch {
                throw JournalError.damaged("\(place): \(error.message)")
            }
        }
        if let limit = intent["max_tokens"]?.intValue { request.maximumTokens = limit }
        if intent["tools"] != nil {
            request.tools = (try await reader.json(intent["tools"], in: place).arrayValue ?? [])
                .compactMap { tool in
                    guard let tool = tool["function"], let name = tool["name"]?.stringValue else { return nil }
                    return ToolDefinition(
                        name: name, description: tool["description"]?.stringValue ?? "",
                        parameters: tool["parameters"] ?? .emptyObject)
                }
        }
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

    /// Reads the document.
    init(recorded document: JSONValue) {
        self.init()
        func number(_ name: String) -> Double? { document[name]?.doubleValue }
        temperature = number("temperature") ?? temperature
        topK = document["top_k"]?.intValue ?? 0
        topP = number("top_p") ?? 1
        minP = number("min_p") ?? 0
        repetitionPenalty = number("repetition_penalty") ?? 1
        presencePenalty = number("presence_penalty") ?? 0
        frequencyPenalty = number("frequency_penalty") ?? 0
        logProbabilities = document["logprobs"]?.intValue
        let prefix = "logit_bias_"
        for (name, value) in document.objectValue ?? [:] where name.hasPrefix(prefix) {
            guard let id = Int32(name.dropFirst(prefix.count)), let bias = value.doubleValue else { continue }
            logitBias[TokenID(id)] = bias
        }
    }
}
