internal import StoaCore

extension LatentSeeking {
    /// Refuses settings that make no sense.
    ///
    /// - Throws: `ModelError` that names the setting, what is allowed and what was found.
    func validate() throws {
        for (index, reward) in rewards.enumerated() where !reward.isFinite || reward > 0 {
            throw ModelError.invalidRequest(
                "latent seeking: reward \(index + 1): expected a number of at most 0, found \(reward)",
                hint: "0 says that an answer is good; the worse it is, the lower its reward")
        }
        guard (0...1).contains(fraction) else {
            throw ModelError.invalidRequest(
                "latent seeking: fraction: expected a number from 0 to 1, found \(fraction)")
        }
        guard maximumPositions >= 0 else {
            throw ModelError.invalidRequest(
                "latent seeking: maximum_positions: expected at least 0, found \(maximumPositions)")
        }
        guard learningRate.isFinite, learningRate > 0 else {
            throw ModelError.invalidRequest(
                "latent seeking: learning_rate: expected a number above 0, found \(learningRate)")
        }
    }

    /// How many states of an answer are moved.
    ///
    /// - Parameter tokens: the answer's tokens.
    /// - Returns: the fraction, at least one of an answer that has any, and at most the maximum.
    func positions(of tokens: Int) -> Int {
        guard tokens > 0 else { return 0 }
        return min(max(1, Int(fraction * Double(tokens))), maximumPositions)
    }
}

extension ModelError {
    static func brokenSeek(position: Int) -> ModelError {
        ModelError(
            .brokenState, "latent seeking: the state of token \(position + 1) gives logits that are no numbers",
            hint: "check the model's files, take smaller steps, or compute in 'exact' precision")
    }
}
