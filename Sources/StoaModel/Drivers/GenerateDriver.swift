internal import StoaCore
internal import StoaText

/// Feeds a prompt, then one sampled token after another.
final class GenerateDriver: SequenceDriver {
    private let request: GenerationRequest
    private let sampler: Sampler
    private let row = LogitRow()
    private let prompt: [ModelInput]
    private var isStarted = false
    private var history: TokenHistory
    private let endOfTurn: Set<TokenID>
    private var text: TextAssembler
    /// Tokens that fit the context behind the prompt.
    private let room: Int
    private var logProbabilities: [TokenLogProbability] = []
    private var finish: FinishReason?
    /// What is still to be fed behind the end.
    private var closing: TokenID?

    private let isStreamed: Bool
    private var unread: [GeneratedToken] = []
    private var nextUnread = 0
    private var heldText = ""
    private(set) var hasDeliveredEnd = false

    /// Creates a driver.
    ///
    /// - Parameters:
    ///   - prompt: inputs before the first token, at least one.
    ///   - request: how to generate.
    ///   - tokenizer: what gives tokens their text; nil for a model without text.
    ///   - vocabularySize: logits of a row.
    ///   - room: positions that are free behind the prompt.
    ///   - isStreamed: whether events are kept for a reader.
    /// - Throws: `SamplingError` for parameters out of range.
    init(
        prompt: [ModelInput], request: GenerationRequest, tokenizer: Tokenizer?, vocabularySize: Int, room: Int,
        isStreamed: Bool
    ) throws {
        self.request = request
        self.prompt = prompt
        self.room = room
        self.isStreamed = isStreamed
        sampler = try Sampler(request.sampling, vocabularySize: vocabularySize)
        history = TokenHistory(prompt: prompt.compactMap(\.token))
        endOfTurn = request.ignoresEndOfTurn ? [] : tokenizer?.special.endOfTurn ?? []
        text = try TextAssembler(tokenizer: tokenizer, stop: request.stop)
    }

    // MARK: - Feeding

    var isBlocked: Bool { isStreamed && unread.count - nextUnread >= request.bufferedEvents }

    func next() -> Demand? {
        guard finish == nil else {
            defer { closing = nil }
            return closing.map { Demand(inputs: [.token($0)], origin: .text) }
        }
        let outputs = OutputRequest(logits: .last)
        guard isStarted else {
            isStarted = true
            return Demand(inputs: prompt, origin: .prompt, outputs: outputs)
        }
        return history.generated.last.map { Demand(inputs: [.token($0)], origin: .text, outputs: outputs) }
    }

    func receive(_ output: RowOutput) throws {
        guard let logits = output.logits else { return }
        let position = history.generated.count
        let sampled = try sampler.sample(
            UnsafeBufferPointer(logits), history: history, stream: request.stream, position: position, using: row)
        if endOfTurn.contains(sampled.id) || request.stop.tokens.contains(sampled.id) {
            if request.feedsEnd, history.generated.count < room { closing = sampled.id }
            return end(.stop)
        }
        history.generated.append(sampled.id)
        if let entry = sampled.logProbability { logProbabilities.append(entry) }
        let piece = text.append(sampled.id)
        if isStreamed {
            unread.append(
                GeneratedToken(id: sampled.id, index: position, text: piece, logProbability: sampled.logProbability))
        }
        if text.isStopped { return end(.stopString) }
        if history.generated.count >= request.maximumTokens { return end(.length) }
        // The token just sampled still has to be fed for another one to follow.
        if history.generated.count > room { return end(.context) }
    }

    private func end(_ reason: FinishReason) {
        finish = reason
        if reason != .stop, request.feedsEnd, history.generated.count <= room { closing = history.generated.last }
        heldText = text.finish()
    }

    // MARK: - Reading

    /// Whether a token waits to be read.
    var hasUnread: Bool { nextUnread < unread.count }

    /// The next unread token.
    func read() -> GenerationEvent? {
        guard hasUnread else { return nil }
        let token = unread[nextUnread]
        nextUnread += 1
        if nextUnread == unread.count {
            unread.removeAll(keepingCapacity: true)
            nextUnread = 0
        }
        return .token(token)
    }

    /// Lets nothing follow.
    func markEnd() { hasDeliveredEnd = true }

    /// The end, once.
    func deliverEnd(of job: Job) -> GenerationEvent? {
        guard !hasDeliveredEnd else { return nil }
        markEnd()
        let generation = generation(of: job)
        return .end(GenerationEnd(reason: generation.finish, text: heldText, usage: generation.usage))
    }

    /// The generation as it stands.
    func generation(of job: Job) -> Generation {
        let fed = job.computedRows + job.sharedRows
        let prefill = min(fed, prompt.count)
        return Generation(
            tokens: history.generated, text: text.text, finish: finish ?? .cancelled,
            logProbabilities: logProbabilities,
            usage: Usage(
                prefillTokens: max(0, prefill - job.sharedRows), cachedTokens: job.sharedRows,
                decodedTokens: history.generated.count),
            cache: job.cache)
    }
}
