/// A model whose output states can be moved towards better answers while it answers.
///
/// Source: LatentSeek (arXiv:2505.13308).
public protocol LatentOptimiser: LanguageModel {
    /// The answer after some steps of policy gradient on the hidden states behind its first tokens.
    ///
    /// Determinism: a pure function of the request, the settings with all their rewards, and the model; earlier steps are
    /// taken again where they are not remembered.
    ///
    /// - Parameters:
    ///   - request: the conversation; answered greedily, whatever its sampling says.
    ///   - seeking: the rewards of the answers so far, one step each, and how steps are taken.
    ///   - progress: is told of the text; must not wait.
    /// - Returns: the answer; with no rewards the greedy one.
    /// - Throws: as `complete`.
    func seek(
        _ request: ModelRequest, _ seeking: LatentSeeking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply
}

/// How output states are moved.
///
/// With `z` the states behind the first `L = min(fraction * T, maximumPositions)` of the greedy answer's T tokens and `R`
/// the reward of the present answer, a step of Adam descends `-R * sum_t log softmax(W z_t)[argmax]`; the tokens are then
/// `argmax(W z_t)`, and the rest is generated again.
public struct LatentSeeking: Sendable, Hashable {
    /// What the states are moved along.
    public enum Direction: String, Sendable, Hashable, CaseIterable {
        /// The policy gradient.
        case gradient
        /// A random direction of the same length, drawn from the request's seed, as a control.
        case random
    }

    /// The reward of the greedy answer, of the one after the first step, and so on; at most 0, and as a rule at least -1.
    public var rewards: [Double]
    /// The part of the answer whose states are moved.
    public var fraction: Double
    /// The most states that are moved.
    public var maximumPositions: Int
    /// Adam's step size.
    public var learningRate: Double
    /// What the states are moved along.
    public var direction: Direction

    /// Describes the steps; defaults are those of the reference.
    public init(
        rewards: [Double] = [], fraction: Double = 0.1, maximumPositions: Int = 300, learningRate: Double = 0.03,
        direction: Direction = .gradient
    ) {
        self.rewards = rewards
        self.fraction = fraction
        self.maximumPositions = maximumPositions
        self.learningRate = learningRate
        self.direction = direction
    }

    /// `{rewards, fraction, maximum_positions, learning_rate, direction}`.
    public var document: JSONValue {
        [
            "rewards": .array(rewards.map { .number($0) }), "fraction": .number(fraction),
            "maximum_positions": .integer(Int64(maximumPositions)), "learning_rate": .number(learningRate),
            "direction": .string(direction.rawValue),
        ]
    }
}
