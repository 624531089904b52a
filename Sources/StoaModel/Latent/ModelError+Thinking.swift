extension ModelError.Code {
    /// No alignment matrix can be computed of the model's embeddings.
    public static let unsolvableAlignment = ModelError.Code(description: "unsolvable_alignment")
    /// A hidden state holds what is no number.
    public static let brokenState = ModelError.Code(description: "broken_state")
}

extension ModelError {
    static func unsolvableAlignment(_ problem: String) -> ModelError {
        ModelError(
            .unsolvableAlignment, "alignment matrix: the equations cannot be solved: \(problem)",
            hint: "check the model's files, or feed states back with another mode than w_a")
    }

    static func brokenState(step: Int, _ what: String) -> ModelError {
        ModelError(
            .brokenState, "latent step \(step + 1): \(what) holds infinities or what is no number",
            hint: "check the model's files, or compute in 'exact' precision")
    }

    static func noStream(_ mode: String) -> ModelError {
        .invalidRequest("latent feedback '\(mode)' draws random numbers: expected a random stream, found none")
    }

    static func noEndOfTurn(model: String) -> ModelError {
        .invalidRequest(
            "latent halting at the end of a turn: model \(model) has no tokenizer that says which tokens end it",
            hint: "put the model's tokenizer.json beside config.json, or halt by entropy")
    }
}
