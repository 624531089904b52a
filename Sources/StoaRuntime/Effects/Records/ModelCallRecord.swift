internal import OrderedCollections
internal import StoaCore

/// How a model call stands in the journal.
enum ModelCallRecord {
    /// What is asked of which model: the intent of a call.
    ///
    /// - Parameters:
    ///   - request: the call.
    ///   - model: the plan's name for the model.
    ///   - thinking: how to think; nil for a call that speaks.
    ///   - translates: whether latents of other models are mapped to the model's space.
    /// - Returns: the intent.
    static func intent(
        _ request: ModelRequest, model: String, thinking: Thinking? = nil, translates: Bool = false
    ) -> Content {
        var content = Content()
        content.set("effect", .string(thinking == nil ? "model" : "think"))
        content.set("model", .string(model))
        content.refer("messages", toMessages: request.messages)
        if !request.turn.isEmpty { content.refer("turn", toTurn: request.turn) }
        content.set("thinking", thinking?.document)
        if !request.context.isEmpty {
            content.set("context", .array(request.context.map(\.document)))
            content.set("base", request.base?.document)
            if request.recall != LatentRecall() { content.set("recall", request.recall.document) }
            if translates { content.set("translate", true) }
            // How many rows are offered. How many the model had in mind, once some were left out, is in the result:
            // `context_rows`, of a thought in its latent.
            content.set("past_rows", .integer(Int64(request.pastRows)))
        }
        if !request.tools.isEmpty { content.refer("tools", toJSON: .array(request.tools.map(\.document))) }
        content.set("author", .string(request.author))
        content.set("adapter", request.adapter.map { .string($0.description) })
        if thinking == nil {
            content.set("sampling", request.sampling.document)
            content.set("max_tokens", .integer(Int64(request.maximumTokens)))
            if !request.stop.isEmpty { content.set("stop", .array(request.stop.map { .string($0) })) }
            if request.keepsLatent { content.set("keeps_latent", true) }
            if request.ignoresEndOfTurn { content.set("ignores_end_of_turn", true) }
            content.set("fence", request.fence.map { .string($0.rawValue) })
            content.set("constraint", request.constraint?.document)
        }
        content.set("seed", .string(request.seed.description))
        return content
    }

    /// What came of a call that speaks.
    ///
    /// - Parameters:
    ///   - kept: the reply.
    ///   - isStored: whether the bytes of its latent belong to the record.
    /// - Returns: the result.
    static func result(_ kept: Kept<ModelReply>, isStored: Bool) -> Content {
        let reply = kept.reply
        var content = Content()
        content.set("effect", "model")
        content.set("text", .string(reply.text))
        if !reply.toolCalls.isEmpty { content.set("tool_calls", .array(reply.toolCalls.map(\.document))) }
        content.set("finish", .string(reply.finish.rawValue))
        content.refer("prompt_tokens", toTokens: reply.promptTokens)
        content.refer("tokens", toTokens: reply.tokens)
        content.refer("logprobs", toLogProbabilities: reply.logProbabilities)
        content.set("mask", TokenMask.document(of: reply))
        if let latent = reply.latent {
            content.set("latent", latent.document)
            if isStored { content.refer("bytes", toLatent: latent, kept.bytes) }
        }
        content.set("context_rows", reply.contextRows.map { .integer(Int64($0)) })
        content.set("usage", reply.usage.logical.document)
        return content
    }

    /// Reads back what came of a call that speaks.
    ///
    /// - Parameters:
    ///   - payload: the result.
    ///   - place: where it stands, for errors.
    ///   - reader: brings back what it refers to.
    ///   - needsTokens: whether the tokens are read even where nothing is compared with them.
    /// - Returns: the reply.
    /// - Throws: `JournalError` for a damaged one.
    static func reply(
        _ payload: JSONValue, in place: String, _ reader: ContentReader, needsTokens: Bool = false
    ) async throws -> ModelReply {
        guard let text = payload["text"]?.stringValue,
            let finish = payload["finish"]?.stringValue.flatMap(FinishReason.init(rawValue:))
        else { throw JournalError.damaged("\(place): expected a model's reply") }
        var reply = ModelReply(
            text: text,
            toolCalls: (payload["tool_calls"]?.arrayValue ?? []).compactMap(ToolCall.init(document:)),
            finish: finish, usage: Usage(document: payload["usage"] ?? .emptyObject),
            latent: payload["latent"].flatMap { LatentHandle(document: $0) },
            contextRows: payload["context_rows"]?.intValue)
        if reader.readsNumbers || needsTokens {
            reply.tokens = try await reader.tokens(payload["tokens"], in: place)
        }
        guard reader.readsNumbers else { return reply }
        reply.promptTokens = try await reader.tokens(payload["prompt_tokens"], in: place)
        reply.promptSpans = TokenMask.promptSpans(payload["mask"])
        reply.logProbabilities = try await reader.logProbabilities(payload["logprobs"], in: place)
        return reply
    }

    /// What came of a call that thinks.
    ///
    /// - Parameters:
    ///   - kept: the thought.
    ///   - isStored: whether the bytes of its latent belong to the record.
    /// - Returns: the result.
    static func result(_ kept: Kept<LatentReply>, isStored: Bool) -> Content {
        let reply = kept.reply
        var content = Content()
        content.set("effect", "think")
        content.set("latent", reply.latent.document)
        content.refer("prompt_tokens", toTokens: reply.promptTokens)
        content.set("halt", .string(reply.halt.rawValue))
        content.set("alignment", reply.alignment.map { .string($0.description) })
        if !reply.trace.isEmpty { content.refer("trace", toJSON: .array(reply.trace.map(\.document))) }
        if !reply.vectors.isEmpty { content.refer("vectors", toVectors: reply.vectors) }
        if isStored { content.refer("bytes", toLatent: reply.latent, kept.bytes) }
        content.set("usage", reply.usage.logical.document)
        return content
    }

    /// Reads back what came of a call that thinks.
    static func thought(_ payload: JSONValue, in place: String, _ reader: ContentReader) async throws -> LatentReply {
        guard let latent = payload["latent"].flatMap({ LatentHandle(document: $0) }) else {
            throw JournalError.damaged("\(place): expected a latent")
        }
        var reply = LatentReply(
            latent: latent, halt: payload["halt"]?.stringValue.flatMap(LatentHalt.init(rawValue:)) ?? .steps,
            alignment: payload["alignment"]?.stringValue.flatMap(SHA256Digest.init(hexadecimal:)),
            usage: Usage(document: payload["usage"] ?? .emptyObject))
        guard reader.readsNumbers else { return reply }
        reply.promptTokens = try await reader.tokens(payload["prompt_tokens"], in: place)
        if payload["trace"] != nil {
            reply.trace = (try await reader.json(payload["trace"], in: place).arrayValue ?? [])
                .compactMap(LatentStepTrace.init(document:))
        }
        if payload["vectors"] != nil { reply.vectors = try await reader.vectors(payload["vectors"], in: place) }
        return reply
    }
}

/// A reply, with the bytes of its latent where they are to be kept.
struct Kept<Reply: Sendable>: Sendable {
    var reply: Reply
    var bytes: [UInt8]?
}

extension ModelRequest {
    /// Rows of the latents that are offered: before any is left out.
    var pastRows: Int {
        guard let base else { return context.reduce(0) { $0 + $1.rows } }
        return context.reduce(base.rows) { $0 + $1.rows - base.rows }
    }
}

extension Content {
    /// The intent of a call whose answer comes by moved states; the same for nil.
    func seeking(_ seeking: LatentSeeking?) -> Content {
        var content = sought(seeking != nil)
        content.set("seeking", seeking?.document)
        return content
    }

    /// What came of such a call, where it is one.
    func sought(_ isSought: Bool) -> Content {
        var content = self
        if isSought { content.set("effect", "seek") }
        return content
    }
}
