internal import CStoaKernels
public import StoaCore
internal import StoaText

/// The engine's model as agents see it: conversations in, text or latent messages out.
///
/// A conversation becomes tokens by the model's own chat template, in which only the template can write control tokens;
/// see `PromptWriter`. Latent messages stay here, see `LatentStore`; what goes out are handles.
///
/// Determinism: a reply's text, tokens, log-probabilities and latents are a pure function of the request, the model and
/// the kernel path, whatever runs beside it. Which of the prompt's tokens were found in a cache, and the duration, are not.
///
/// Isolation: runs passes on the model's own lane; may be called from anywhere. Cancelling a caller ends its own call
/// before the next pass.
public final class EngineModel: LatentModel {
    /// Calls at a time that make sense: a pass of eight rows still costs little more than one of one row, because it is
    /// the weights that have to be read.
    public static let defaultConcurrency = 8

    /// What it is; its fingerprint is the digest of the model's, all 64 digits.
    public let identity: ModelIdentity
    /// The model that computes.
    public let model: LocalModel
    let latents: LatentStore
    let time: any TimeSource
    private let writer = Guarded<PromptWriter?>(nil)
    let bridges = Guarded<BridgeStore?>(nil)
    let seeks = SeekMemo(limit: EngineModel.rememberedSeeks)

    /// See `defaultConcurrency`.
    public var concurrency: Int { Self.defaultConcurrency }

    /// Lets agents use a model.
    ///
    /// - Parameters:
    ///   - model: the model; others may go on using it too.
    ///   - name: the name it was asked for by.
    ///   - time: what durations are measured with.
    ///   - latentMemory: bytes of latents that stay in memory while nobody uses them; nil for half of what the model
    ///     has for keys and values. What is beyond is written to files and read again when it is asked for.
    ///   - spillFolder: the folder below which such files are written, in a folder of their own that nobody else may
    ///     read and that goes with this object; nil to keep everything in memory.
    public convenience init(
        _ model: LocalModel, name: String, time: any TimeSource = SystemTimeSource(), latentMemory: Int? = nil,
        spillFolder: String? = nil
    ) {
        self.init(
            model, name: name, fingerprint: model.information.fingerprint.digest.description, time: time,
            latentMemory: latentMemory, spillFolder: spillFolder)
    }

    /// Lets agents use a model under a fingerprint that is not its own.
    ///
    /// For tests of what happens when a record and a model that claims to be the same disagree.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - name: the name it was asked for by.
    ///   - fingerprint: what it claims to be.
    ///   - time: what durations are measured with.
    ///   - latentMemory: bytes of latents that stay in memory while nobody uses them.
    ///   - spillFolder: the folder below which the others are written.
    package init(
        _ model: LocalModel, name: String, fingerprint: String, time: any TimeSource = SystemTimeSource(),
        latentMemory: Int? = nil, spillFolder: String? = nil
    ) {
        self.model = model
        self.time = time
        identity = ModelIdentity(
            name: name, provider: .engine, fingerprint: fingerprint,
            kernelPath: String(cString: stk_isa_name(stk_isa_current())),
            contextLength: model.information.contextLength)
        latents = LatentStore(
            model: model, identity: identity, quota: latentMemory ?? model.memoryLimit / 2,
            spill: spillFolder.map { LatentSpill(below: $0) })
    }

    /// Answers a conversation.
    ///
    /// - Parameters:
    ///   - request: the conversation, the latents before it, and how to answer.
    ///   - progress: is told of the prompt, then of the text; must not wait.
    /// - Returns: the whole reply; its log-probabilities cover every token. Where a latent is wanted, it holds all tokens of
    ///   the reply and the one that ended the turn, so that the turn is closed; a stop string that cut the text is in it.
    ///   A turn under way that the context has no room for, while it has for the conversation, is a reply without tokens
    ///   and without a latent that ends with `.context`. Calls of tools that the reply makes are not part of its text.
    /// - Throws: `ModelError`: a latent that is not here or of another model, a conversation that does not fit the
    ///   context, tools for a model that cannot be told of them, or a turn with a token that ends it; `TemplateError`
    ///   where the chat template refuses the conversation; `SamplingError`; `CancellationError`.
    public func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        try await keepingQuota { try await answer(request, progress: progress) }
    }

    private func answer(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        let start = time.now
        guard request.constraint == nil || request.tools.isEmpty else {
            throw ModelError.invalidRequest("a reply with a constraint can't call tools")
        }
        let (prompt, context) = try await resolve(request)
        if let full = fullContext(request, prompt, context, since: start) { return full }
        progress(.prefilling)
        var words = ToolCallFilter(
            request.tools, format: try await promptWriter().calls, tokenizer: try await model.tokenizer())
        let stream = try await model.stream(
            prompt.tokens.map { .token($0) }, from: context, author: request.author,
            request: generationRequest(request, prompt))
        for try await event in stream {
            let piece =
                switch event {
                case .token(let token): words.take(token.text, token: token.id)
                case .end(let end): words.take(end.text) + words.finish()
                }
            if !piece.isEmpty { progress(.text(piece)) }
        }
        let generation = await stream.generation()
        let contextRows = context?.count
        let latent: LatentHandle? =
            request.keepsLatent ? await latents.hold(generation.cache, contextRows: contextRows ?? 0) : nil
        return ModelReply(
            text: words.text, toolCalls: words.calls, finish: prompt.finish(generation.finish, request: request),
            promptTokens: prompt.tokens, tokens: generation.tokens, logProbabilities: generation.logProbabilities,
            usage: prompt.recallUsage + generation.usage, duration: time.now - start, latent: latent,
            contextRows: contextRows, promptSpans: prompt.spans)
    }

    /// The reply to a turn that has used up the context; nil where there is room, or where the conversation alone has none.
    private func fullContext(
        _ request: ModelRequest, _ prompt: PromptWriter.Prompt, _ context: KVCache?, since start: Duration
    ) -> ModelReply? {
        let room = model.information.contextLength - Int(context?.nextPosition ?? 0)
        guard !request.turn.isEmpty, prompt.tokens.count > room, prompt.conversation <= room else { return nil }
        return ModelReply(
            text: "", finish: .context, promptTokens: prompt.tokens, usage: prompt.recallUsage,
            duration: time.now - start, contextRows: context?.count, promptSpans: prompt.spans)
    }

    // MARK: - Preparing

    /// Reads what conversations need beside the weights, the tokenizer and the chat template.
    ///
    /// Nobody has to call it: the first call of the model does. Whoever does finds out early about a model that can't
    /// be talked to.
    ///
    /// - Throws: `TokenizerError`, `TemplateError`, `WeightFileError` or `ModelError` saying what is missing or broken.
    public func prepare() async throws { _ = try await promptWriter() }

    /// The model's writer, made when it is first needed.
    ///
    /// Callers that arrive together may each make one: they are equal.
    func promptWriter() async throws -> PromptWriter {
        if let writer = writer.withLock({ $0 }) { return writer }
        let made = try PromptWriter(model.stored, name: identity.name, tokenizer: await model.tokenizer())
        writer.withLock { $0 = made }
        return made
    }

    func generationRequest(_ request: ModelRequest, _ prompt: PromptWriter.Prompt) -> GenerationRequest {
        var generation = GenerationRequest()
        generation.sampling = request.sampling
        generation.sampling.logProbabilities = request.sampling.logProbabilities ?? 0
        generation.maximumTokens = request.maximumTokens
        generation.stop.strings = request.stop + (request.ignoresEndOfTurn ? [] : prompt.stop)
        generation.adapter = request.adapter
        generation.fence = request.fence
        generation.constraint = request.constraint
        generation.ignoresEndOfTurn = request.ignoresEndOfTurn
        generation.feedsEnd = request.keepsLatent
        generation.stream = request.seed.stream
        return generation
    }
}
