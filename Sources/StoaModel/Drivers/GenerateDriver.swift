internal import StoaCore
internal import StoaText

/// Feeds a prompt, then one sampled token after another, with guesses behind it where the text repeats itself.
final class GenerateDriver: SequenceDriver {
    private let request: GenerationRequest
    private let sampler: Sampler
    private let row = LogitRow()
    private let prompt: [ModelInput]
    private var isStarted = false
    private var history: TokenHistory
    private let endOfTurn: Set<TokenID>
    /// What ends a turn that nothing may be added to.
    private let lastWord: TokenID?
    private var text: TextAssembler
    /// Tokens that fit the context behind the prompt.
    private let room: Int
    private var logProbabilities: [TokenLogProbability] = []
    private var finish: FinishReason?
    /// What is still to be fed behind the end.
    private var closing: [TokenID] = []
    /// What the text is held to; nil where the model is free.
    private var guide: OutputGuide?
    /// Whether the text itself can end it, by a stop string or a stop token.
    private var isFree: Bool { guide == nil }
    /// Where guesses come from; nil where none are wanted.
    private var lookup: DraftLookup?
    /// The guesses that were demanded last, and how many of them held.
    private var draft: [TokenID] = []
    private var accepted = 0
    /// Guesses that were fed, and those among them that held.
    private(set) var drafted = (fed: 0, held: 0)

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
    ///   - guide: what the text is held to; nil for nothing.
    ///   - isStreamed: whether events are kept for a reader.
    /// - Throws: `SamplingError` for parameters out of range.
    init(
        prompt: [ModelInput], request: GenerationRequest, tokenizer: Tokenizer?, vocabularySize: Int, room: Int,
        guide: OutputGuide? = nil, isStreamed: Bool
    ) throws {
        self.request = request
        self.prompt = prompt
        self.room = room
        self.guide = guide
        self.isStreamed = isStreamed
        sampler = try Sampler(request.sampling, vocabularySize: vocabularySize)
        history = TokenHistory(prompt: prompt.compactMap(\.token))
        lookup = request.drafts ? DraftLookup(history.prompt) : nil
        endOfTurn = request.ignoresEndOfTurn ? [] : tokenizer?.special.endOfTurn ?? []
        lastWord = tokenizer?.special.eos
        text = try TextAssembler(
            tokenizer: tokenizer, stop: guide == nil ? request.stop : StopCondition(), fence: request.fence)
    }

    // MARK: - Feeding

    var isBlocked: Bool { isStreamed && unread.count - nextUnread >= request.bufferedEvents }

    func next() -> Demand? {
        guard finish == nil else {
            defer { closing = [] }
            return closing.isEmpty ? nil : Demand(inputs: closing.map { .token($0) }, origin: .text)
        }
        let outputs = OutputRequest(logits: .last)
        guard isStarted else {
            isStarted = true
            return Demand(inputs: prompt, origin: .prompt, outputs: outputs)
        }
        guard let last = history.generated.last else { return nil }
        // Nobody waits for more tokens than are asked for, than fit, and than may wait to be read.
        let left = min(request.maximumTokens, room) - history.generated.count
        let readable = isStreamed ? request.bufferedEvents - (unread.count - nextUnread) : left
        draft = lookup?.draft(most: min(left, readable) - 1) ?? []
        accepted = 0
        guard !draft.isEmpty else { return Demand(inputs: [.token(last)], origin: .text, outputs: outputs) }
        return Demand(
            inputs: [.token(last)] + draft.map { .token($0) }, origin: .text, outputs: OutputRequest(logits: .all),
            drafted: draft.count)
    }

    /// The guesses that were fed for nothing: those behind the first that is not what was sampled.
    func takeRejected(of fed: Int) -> Int {
        guard fed > 0 else { return 0 }
        // The last row may agree with a guess that found no place in the pass.
        let held = min(accepted, fed)
        lookup?.note(accepted: held, of: fed)
        drafted.fed += fed
        drafted.held += held
        defer { (draft, accepted) = ([], 0) }
        return fed - held
    }

    func receive(_ output: RowOutput) throws {
        // A row behind a wrong guess, or behind the end, says nothing.
        guard let logits = output.logits, draft.isEmpty || output.row == accepted, finish == nil else { return }
        let position = history.generated.count
        let sampled = try sampler.sample(
            UnsafeBufferPointer(logits), history: history, mask: guide?.mask(), stream: request.stream,
            position: position,
            using: row)
        if endOfTurn.contains(sampled.id) || isFree && request.stop.tokens.contains(sampled.id) {
            if request.feedsEnd, history.generated.count < room { closing = [sampled.id] }
            return end(.stop)
        }
        history.generated.append(sampled.id)
        guide?.append(sampled.id)
        lookup?.append(sampled.id)
        defer { if finish == nil, accepted < draft.count, draft[accepted] == sampled.id { accepted += 1 } }
        if let entry = sampled.logProbability { logProbabilities.append(entry) }
        let piece = text.append(sampled.id)
        if isStreamed {
            unread.append(
                GeneratedToken(id: sampled.id, index: position, text: piece, logProbability: sampled.logProbability))
        }
        if let ending = text.ending { return end(ending) }
        if guide?.isFinal == true { return endComplete() }
        if history.generated.count >= request.maximumTokens { return end(.length) }
        // The token just sampled still has to be fed for another one to follow.
        if history.generated.count > room { return end(.context) }
    }

    /// Ends a text that is complete: the turn is over without the model saying so.
    private func endComplete() {
        end(.stop)
        guard request.feedsEnd else { return }
        let ends = lastWord.map { endOfTurn.contains($0) ? [$0] : [] } ?? []
        closing = Array((history.generated.suffix(1) + ends).prefix(max(0, room - history.generated.count + 1)))
    }

    private func end(_ reason: FinishReason) {
        finish = reason
        if reason != .stop, request.feedsEnd, history.generated.count <= room {
            closing = history.generated.suffix(1)
        }
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
