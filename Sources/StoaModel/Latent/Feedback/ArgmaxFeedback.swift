/// The effective embedding of the most probable token: greedy decoding that keeps its words to itself.
struct ArgmaxFeedback: FeedbackMode {
    let table: EmbeddingTable
    var needsLogits: Bool { true }

    func vector(for state: LatentState) -> [Float] {
        state.distribution.map { table.row($0.mostProbable) } ?? []
    }
}
