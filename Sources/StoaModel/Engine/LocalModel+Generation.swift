internal import StoaCore
internal import StoaText

extension LocalModel {
    /// Generates a text.
    ///
    /// Determinism: a pure function of the model, the inputs, the cache's content and the request, whatever else runs.
    ///
    /// - Parameters:
    ///   - prompt: tokens or vectors, at least one.
    ///   - cache: what comes before; nil for nothing.
    ///   - author: who the rows belong to.
    ///   - request: how to generate.
    /// - Returns: the text, its tokens and the cache.
    /// - Throws: `ModelError`, `AdapterError` or `SamplingError`, or `CancellationError`.
    public func generate(
        _ prompt: [ModelInput], from cache: KVCache? = nil, author: String = "", request: GenerationRequest
    ) async throws -> Generation {
        let adapter = try await packed(request.adapter)
        let driver = try makeDriver(prompt, from: cache, request: request, isStreamed: false)
        let job = try start(driver, from: cache, author: author, adapter: adapter)
        try await drive(job) { $0.outcome != nil }
        return driver.generation(of: job)
    }

    /// Generates a text token by token.
    ///
    /// - Parameters:
    ///   - prompt: tokens or vectors, at least one.
    ///   - cache: what comes before; nil for nothing.
    ///   - author: who the rows belong to.
    ///   - request: how to generate.
    /// - Returns: the events as they come, for one reader.
    /// - Throws: `ModelError`, `AdapterError` or `SamplingError` for a request that cannot be met.
    public func stream(
        _ prompt: [ModelInput], from cache: KVCache? = nil, author: String = "", request: GenerationRequest
    ) async throws -> TokenStream {
        let adapter = try await packed(request.adapter)
        let driver = try makeDriver(prompt, from: cache, request: request, isStreamed: true)
        let job = try start(driver, from: cache, author: author, adapter: adapter)
        return TokenStream(model: self, reader: TokenReader(driver: driver, job: job))
    }

    private func makeDriver(
        _ prompt: [ModelInput], from cache: KVCache?, request: GenerationRequest, isStreamed: Bool
    ) throws -> GenerateDriver {
        guard request.maximumTokens > 0 else {
            throw ModelError.invalidRequest("--max-tokens: expected at least 1, found \(request.maximumTokens)")
        }
        guard request.bufferedEvents > 0 else {
            throw ModelError.invalidRequest("a stream holds at least 1 event, not \(request.bufferedEvents)")
        }
        let shape = weights.configuration
        var request = request
        request.drafts = request.drafts && options.drafts
        let room = shape.contextLength - Int(cache?.nextPosition ?? 0) - prompt.count
        return try GenerateDriver(
            prompt: prompt, request: request, tokenizer: tokenizerIfAny(), vocabularySize: shape.vocabularySize,
            room: room, guide: makeGuide(request, room: room), isStreamed: isStreamed)
    }

    /// What holds a text to its constraint; nil where there is none.
    private func makeGuide(_ request: GenerationRequest, room: Int) throws -> OutputGuide? {
        guard let constraint = request.constraint else { return nil }
        guard request.fence == nil, !request.ignoresEndOfTurn else {
            throw ModelError.invalidRequest("a text with a constraint has no fence and no fixed length")
        }
        guard let tokenizer = try tokenizerIfAny() else {
            throw ModelError.invalidRequest("a model without a tokenizer can't be held to a constraint")
        }
        let program = try constraints.program(
            constraint, tokenizer: tokenizer, vocabularySize: weights.configuration.vocabularySize)
        // The last token need not fit the context: nothing is computed from it.
        return try OutputGuide(
            program, tokenizer: tokenizer, ends: tokenizer.special.endOfTurn,
            budget: min(request.maximumTokens, max(0, room) + 1))
    }

    /// The next event of a stream; nil after its end.
    func nextEvent(_ reader: TokenReader) async throws -> GenerationEvent? {
        let driver = reader.driver
        if let event = driver.read() { return event }
        guard !driver.hasDeliveredEnd else { return nil }
        do {
            try await drive(reader.job) { _ in driver.hasUnread }
        } catch {
            // A failure is delivered behind the tokens before it, and once.
            if let event = driver.read() { return event }
            driver.markEnd()
            throw error
        }
        return driver.read() ?? driver.deliverEnd(of: reader.job)
    }

    /// What a stream has generated so far.
    func generation(_ reader: TokenReader) -> Generation { reader.driver.generation(of: reader.job) }
}
