internal import StoaCore
internal import StoaText

/// Answers greedily, behind some tokens that are given, and keeps the hidden states behind its first tokens (E1).
///
/// The given tokens are the answer's beginning: what ends an answer ends it among them, too, and each has the
/// log-probability that the model gives it at its place.
final class SeekDriver: SequenceDriver {
    private let request: GenerationRequest
    private let sampler: Sampler
    private let row = LogitRow()
    private let prompt: [ModelInput]
    private let given: [TokenID]
    private let kept: Int
    private let endOfTurn: Set<TokenID>
    private let room: Int
    private let onText: @Sendable (String) -> Void
    private var text: TextAssembler
    private var phase = 0
    private(set) var tokens: [TokenID] = []
    private(set) var logProbabilities: [TokenLogProbability] = []
    /// The hidden state behind each of the first tokens, [kept or fewer][width].
    private(set) var hidden: [[Float]] = []
    private(set) var finish: FinishReason?

    /// Creates a driver.
    ///
    /// - Parameters:
    ///   - prompt: inputs before the answer, at least one.
    ///   - given: the answer's first tokens.
    ///   - kept: how many hidden states are kept; only those of tokens that are not given.
    ///   - request: how long the answer may be, what ends it, and how many alternatives are reported.
    ///   - tokenizer: what gives tokens their text; nil for a model without text.
    ///   - vocabularySize: logits of a row.
    ///   - room: positions that are free behind the prompt.
    ///   - onText: is told of text that has become certain; must not wait.
    /// - Throws: `SamplingError` for an empty stop string.
    init(
        prompt: [ModelInput], given: [TokenID] = [], keeping kept: Int = 0, request: GenerationRequest,
        tokenizer: Tokenizer?, vocabularySize: Int, room: Int, onText: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        self.prompt = prompt
        self.given = given
        self.kept = kept
        self.request = request
        self.room = room
        self.onText = onText
        sampler = try Sampler(request.sampling, vocabularySize: vocabularySize)
        endOfTurn = request.ignoresEndOfTurn ? [] : tokenizer?.special.endOfTurn ?? []
        text = try TextAssembler(tokenizer: tokenizer, stop: request.stop, fence: request.fence)
    }

    /// Given tokens that are fed: one that must end the answer for its length need not be.
    var fed: Int { max(0, min(given.count, room, request.maximumTokens - 1)) }

    /// The answer's text.
    var answer: String { text.text }

    func next() -> Demand? {
        guard finish == nil else { return nil }
        defer { phase += 1 }
        let outputs = OutputRequest(logits: .last, hidden: hidden.count < kept ? .last : .none)
        switch phase {
        case 0: return Demand(inputs: prompt, origin: .prompt, outputs: outputs)
        case 1 where fed > 0:
            return Demand(
                inputs: given[..<fed].map { .token($0) }, origin: .text, outputs: OutputRequest(logits: .all))
        default: return tokens.last.map { Demand(inputs: [.token($0)], origin: .text, outputs: outputs) }
        }
    }

    func receive(_ output: RowOutput) throws {
        guard finish == nil, let logits = output.logits else { return }
        let chosen = try choose(UnsafeBufferPointer(logits), position: tokens.count)
        if endOfTurn.contains(chosen.id) || request.stop.tokens.contains(chosen.id) { return end(.stop) }
        if tokens.count < kept, let state = output.hidden { hidden.append(Array(state)) }
        tokens.append(chosen.id)
        if let entry = chosen.logProbability { logProbabilities.append(entry) }
        tell(text.append(chosen.id))
        if let ending = text.ending { return end(ending) }
        if tokens.count >= request.maximumTokens { return end(.length) }
        if tokens.count > room { return end(.context) }
    }

    private func choose(
        _ logits: UnsafeBufferPointer<Float>, position: Int
    ) throws -> (id: TokenID, logProbability: TokenLogProbability?) {
        let sampled = try sampler.sample(logits, stream: request.stream, position: position, using: row)
        guard position < given.count else { return (sampled.id, sampled.logProbability) }
        let id = given[position]
        guard id != sampled.id else { return (id, sampled.logProbability) }
        row.load(logits)
        let report = DistributionReport(of: row, alternatives: request.sampling.logProbabilities ?? 0)
        return (id, report.entry(for: id.index, in: logits))
    }

    private func end(_ reason: FinishReason) {
        finish = reason
        tell(text.finish())
    }

    private func tell(_ piece: String) {
        if !piece.isEmpty { onText(piece) }
    }

    /// What it cost: the prompt and the given tokens were read, the others generated.
    func usage(of sequence: SequenceUsage) -> Usage {
        let read = min(sequence.computedRows + sequence.sharedRows, prompt.count + fed)
        return Usage(
            prefillTokens: max(0, read - sequence.sharedRows), cachedTokens: sequence.sharedRows,
            decodedTokens: max(0, tokens.count - given.count))
    }
}
