public import StoaCore

extension EngineModel: LatentOptimiser {
    /// States of searches that are remembered.
    static var rememberedSeeks: Int { 16 }

    /// The answer after some steps of policy gradient on the hidden states behind its first tokens.
    ///
    /// The moved states only choose tokens: what follows them is generated behind the prompt and these tokens, as any text
    /// is. So a step needs nothing but the output head, and an answer of 40 tokens costs one prefill and 36 tokens.
    ///
    /// The usage is that of this answer, whatever is remembered: its prompt and chosen tokens are read, the rest is
    /// generated. Work that is done again because it was forgotten is not counted, so that a replay counts the same.
    ///
    /// - Parameters:
    ///   - request: the conversation; answered greedily, whatever its sampling says.
    ///   - seeking: the rewards of the answers so far, and how steps are taken.
    ///   - progress: is told of the prompt, then of the text; must not wait.
    /// - Returns: the answer; with no rewards the one that `complete` gives at temperature 0.
    /// - Throws: as `complete`; `ModelError` for settings out of range, or where a latent of the answer is wanted.
    public func seek(
        _ request: ModelRequest, _ seeking: LatentSeeking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        try await keepingQuota { try await sought(request, seeking, progress: progress) }
    }

    private func sought(
        _ request: ModelRequest, _ seeking: LatentSeeking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        let start = time.now
        try seeking.validate()
        guard !request.keepsLatent else {
            throw ModelError.invalidRequest(
                "latent seeking: the answer's latent cannot be kept", hint: "have the agent think about the answer")
        }
        let (prompt, context) = try await resolve(request)
        progress(.prefilling)
        let inputs = prompt.tokens.map { ModelInput.token($0) }
        let generation = greedyRequest(request, prompt)
        var answer: SeekAnswer?
        var (state, known) = seeks.state(of: request, seeking) ?? (SeekState([]), -1)
        if known < 0 {
            let isWanted = seeking.rewards.isEmpty
            let greedy = try await model.answer(
                inputs, given: [], keeping: seeking.maximumPositions, from: context, author: request.author,
                request: generation, onText: { if isWanted { progress(.text($0)) } })
            state = SeekState(Array(greedy.hidden.prefix(seeking.positions(of: greedy.tokens.count))))
            seeks.keep(state, of: request, seeking, rewards: 0)
            known = 0
            answer = isWanted ? greedy : nil
        }
        for index in known..<seeking.rewards.count {
            state = try await model.step(
                state, reward: seeking.rewards[index], seeking, stream: request.seed.stream)
            seeks.keep(state, of: request, seeking, rewards: index + 1)
        }
        let found: SeekAnswer
        if let answer {
            found = answer
        } else {
            // With no rewards everything is generated, so that usage does not tell what was remembered.
            let given = seeking.rewards.isEmpty ? [] : try await model.tokens(of: state.states)
            found = try await model.answer(
                inputs, given: given, keeping: 0, from: context, author: request.author, request: generation,
                onText: { progress(.text($0)) })
        }
        let contextRows = context?.count
        return ModelReply(
            text: found.text, finish: prompt.finish(found.finish, request: request), promptTokens: prompt.tokens,
            tokens: found.tokens, logProbabilities: found.logProbabilities, usage: prompt.recallUsage + found.usage,
            duration: time.now - start, contextRows: contextRows, promptSpans: prompt.spans)
    }

    private func greedyRequest(_ request: ModelRequest, _ prompt: PromptWriter.Prompt) -> GenerationRequest {
        var generation = generationRequest(request, prompt)
        generation.sampling = SamplingParameters(temperature: 0)
        generation.sampling.logProbabilities = request.sampling.logProbabilities ?? 0
        return generation
    }
}
