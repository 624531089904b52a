internal import StoaCore

// What a reader has in mind: latents -> one cache -> the rows of the wanted kind -> those of them that matter most.
// Every step is a pure function of the request, so a replay has the same rows in mind.
extension EngineModel {
    /// What a request asks to be read, and what comes before it.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - rows: how many rows are to follow the prompt, for which memory is made; nil for the most tokens of a reply.
    /// - Returns: the prompt, and the rows that its reader has in mind; nil where there are no latents before it.
    /// - Throws: `ModelError`: a latent that is not here, of another model or adapter, or not behind its base; rows that
    ///   can't be chosen as asked for; a prompt that does not fit. `TemplateError`, or `CancellationError`.
    func resolve(
        _ request: ModelRequest, adding rows: Int? = nil
    ) async throws -> (prompt: PromptWriter.Prompt, context: KVCache?) {
        try Task.checkCancellation()
        try request.recall.validate()
        let lease = latents.lease(request.context + [request.base].compactMap { $0 })
        let joined = try await latents.joined(request.context, on: request.base)
        if let joined { try model.requireAdapter(request.adapter, of: joined.cache) }
        let writer = try await promptWriter()
        var prompt = try writer.write(request, isContinuation: joined?.cache.isEmpty == false)
        let following = min(max(rows ?? request.maximumTokens, 0), model.information.contextLength)
        await latents.makeRoom(for: prompt.tokens.count + following)
        guard let joined else { return (prompt, nil) }
        // The conversation alone, so that a turn that grows has the same rows in mind all along.
        let recalled = try await recall(joined, prompt: Array(prompt.tokens[..<prompt.conversation]), request)
        if recalled.cache.isEmpty { prompt = try writer.write(request, isContinuation: false) }
        prompt.recallUsage = recalled.usage
        prompt.lease = lease
        return (prompt, recalled.cache)
    }

    private func recall(
        _ joined: JoinedLatents, prompt: [TokenID], _ request: ModelRequest
    ) async throws -> (cache: KVCache, usage: Usage) {
        let recall = request.recall
        guard !recall.keepsAll else { return (joined.cache, .zero) }
        let rows = joined.rows(of: recall)
        guard let pruning = recall.pruning, pruning.kept(of: rows.count) < rows.count else {
            return (try joined.keeping(rows, recall), .zero)
        }
        var scores: [Double] = []
        var usage = Usage.zero
        switch (pruning.strategy, pruning.score) {
        case (.random, _): break
        case (_, .similarity):
            let similarity = KeySimilarity(
                embedding: await model.meanEmbedding(of: prompt), headWidth: model.information.headWidth)
            scores = similarity.scores(of: rows, in: joined.cache)
        case (_, .attention):
            // What would be in mind without pruning, the sink included.
            let unpruned = try joined.keeping(rows, recall)
            let found = try await model.attentionMass(of: prompt, over: unpruned, adapter: request.adapter)
            // Row r of the sink is row r there too; the others follow, in order.
            let sink = min(recall.sink, joined.cache.count)
            let skipped = rows.count { $0 < sink }
            scores = rows.enumerated().map { index, row in found.mass[row < sink ? row : sink + index - skipped] }
            usage = Usage(prefillTokens: found.usage.computedRows, cachedTokens: found.usage.sharedRows)
        }
        let picked = pruning.pick(scores, of: rows.count, stream: request.seed.child("recall").stream)
        return (try joined.keeping(picked.map { rows[$0] }, recall), usage)
    }
}
