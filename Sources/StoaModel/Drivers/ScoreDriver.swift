internal import StoaCore

/// Teacher-forced scoring (E7): the log-probability of every token given those before it.
final class ScoreDriver: SequenceDriver {
    private let tokens: [TokenID]
    private let alternatives: Int
    private let wantsHidden: Bool
    private let row = LogitRow()
    private var started = false
    /// Entry i is log p(token i | tokens before it), natural; nil where nothing came before.
    private(set) var scores: [TokenLogProbability?]
    /// The hidden state after the final norm behind each token, [tokens][width]; empty unless asked for.
    private(set) var hidden: [[Float]] = []

    init(tokens: [TokenID], alternatives: Int, wantsHidden: Bool) {
        self.tokens = tokens
        self.alternatives = alternatives
        self.wantsHidden = wantsHidden
        scores = tokens.isEmpty ? [] : [nil]
    }

    func next() -> Demand? {
        guard !started, !tokens.isEmpty else { return nil }
        started = true
        return Demand(
            inputs: tokens.map { .token($0) }, origin: .prompt,
            outputs: OutputRequest(logits: .all, hidden: wantsHidden ? .all : .none))
    }

    func receive(_ output: RowOutput) {
        if let row = output.hidden { hidden.append(Array(row)) }
        guard output.row + 1 < tokens.count, let logits = output.logits else { return }
        let next = tokens[output.row + 1]
        row.load(UnsafeBufferPointer(logits))
        let report = DistributionReport(of: row, alternatives: alternatives)
        scores.append(report.entry(for: Int(next.rawValue), in: UnsafeBufferPointer(logits)))
    }
}
