public import StoaCore

extension EngineModel {
    /// Thinks without words.
    ///
    /// - Parameters:
    ///   - request: the conversation to think about, and the latents before it.
    ///   - thinking: how far, and how; 0 steps only read the conversation.
    ///   - progress: is told of the prompt, then of each step; must not wait.
    /// - Returns: the latents before the conversation, the conversation and the thought as one latent, held once.
    /// - Throws: as `complete`.
    public func think(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply {
        try await keepingQuota { try await thought(request, thinking, progress: progress) }
    }

    private func thought(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply {
        let start = time.now
        let steps = thinking.steps
        guard steps >= 0 else { throw ModelError.invalidRequest("latent steps: expected at least 0, found \(steps)") }
        let (prompt, context) = try await resolve(request, adding: steps)
        // Known beforehand, so not found out after half of the work.
        let (end, isTooLong) = (Int(context?.nextPosition ?? 0) + prompt.tokens.count).addingReportingOverflow(steps)
        guard !isTooLong, end <= model.information.contextLength else {
            throw ModelError.contextExceeded(
                needed: isTooLong ? Int.max : end, available: model.information.contextLength)
        }
        progress(.prefilling)
        let thought = try await model.think(
            prompt.tokens.map { .token($0) }, thinking: thinking, from: context, author: request.author,
            stream: request.seed.stream, adapter: request.adapter,
            onStep: { step, trace in progress(.latentStep(step, lens: trace?.lens.first?.text)) })
        let (taken, contextRows) = (thought.vectors.count, context?.count ?? 0)
        return LatentReply(
            latent: await latents.hold(thought.cache, contextRows: contextRows, states: thought.states),
            promptTokens: prompt.tokens, halt: thought.halt, alignment: thought.alignment, trace: thought.trace,
            vectors: thinking.isTraced ? thought.vectors : [],
            usage: prompt.recallUsage
                + Usage(
                    prefillTokens: thought.usage.computedRows - taken, cachedTokens: thought.usage.sharedRows,
                    latentSteps: taken),
            duration: time.now - start)
    }
}
