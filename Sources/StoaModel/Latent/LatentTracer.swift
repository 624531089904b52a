internal import CStoaKernels
internal import StoaCore
internal import StoaText

/// Writes down what each latent step was about.
struct LatentTracer {
    /// Tokens that the logit lens shows.
    private static let lensTokens = 5

    let search: NearestRowSearch
    /// Whether vectors lie in the direction of their states: the logits are then products with the table's rows.
    let keepsDirection: Bool
    /// What gives tokens their text; nil for a model without text.
    let tokenizer: Tokenizer?

    /// The trace of one step.
    ///
    /// - Parameters:
    ///   - state: the state that is fed back.
    ///   - distribution: what it gives.
    ///   - vector: what it becomes.
    ///   - previous: the vector that was fed before; nil for the first.
    /// - Returns: the trace.
    func trace(
        _ state: LatentState, _ distribution: LatentDistribution, vector: [Float], previous: [Float]?
    ) -> LatentStepTrace {
        let nearest = search(
            vector,
            known: keepsDirection ? .init(input: state.hidden, products: distribution.logits) : nil)
        return LatentStepTrace(
            lens: distribution.top(Self.lensTokens).map { token($0.id, $0.probability) },
            entropy: distribution.entropy,
            hiddenNorm: state.hidden.baseAddress.map { Double(stk_norm($0, state.hidden.count)) } ?? 0,
            vectorNorm: vector.euclideanNorm, previousCosine: previous.map { vector.cosine(with: $0) },
            nearest: token(nearest.id, nearest.cosine))
    }

    private func token(_ id: TokenID, _ weight: Double) -> LatentStepTrace.Token {
        // A vocabulary may be padded with rows that no token has.
        guard let tokenizer, tokenizer.contains(id) else {
            return LatentStepTrace.Token(id: id, text: "", weight: weight)
        }
        return LatentStepTrace.Token(
            id: id, text: String(decoding: tokenizer.bytes(of: id), as: UTF8.self), weight: weight)
    }
}
