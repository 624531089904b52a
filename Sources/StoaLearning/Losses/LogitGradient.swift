internal import StoaCore

/// How a loss of one token's log-probability pulls at the logits that the token was drawn from.
///
/// With p = softmax(z) and the token c: d log p(c) / dz = onehot(c) - p.
///
/// Shape: V, the vocabulary. Determinism: sums run in the order of the logits; the exponential is the portable one.
public enum LogitGradient {
    /// The probabilities of logits at temperature 1.
    ///
    /// - Parameter logits: at least one finite number. Shape: [V].
    /// - Returns: numbers that add up to 1. Shape: [V].
    public static func softmax(_ logits: [Double]) -> [Double] {
        let greatest = logits.max() ?? 0
        let powers = logits.map { PortableMath.exp($0 - greatest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The gradient of a loss with respect to the logits.
    ///
    /// - Parameters:
    ///   - logits: the logits. Shape: [V].
    ///   - token: the token that was chosen.
    ///   - derivative: the loss's derivative with respect to the token's log-probability.
    /// - Returns: the gradient. Shape: [V].
    public static func gradient(logits: [Double], token: Int, derivative: Double) -> [Double] {
        precondition(logits.indices.contains(token), "the token is one of the vocabulary")
        return softmax(logits).enumerated().map { derivative * (($0 == token ? 1 : 0) - $1) }
    }

    /// The norm of d log p(c) / dz: sqrt(1 - 2 p(c) + sum p²).
    ///
    /// It is near 1 or above for a token of low probability, near 0 for a certain one: low-probability tokens pull
    /// hardest.
    ///
    /// Source: SimpleTIR, arXiv:2509.02479 Proposition 3.1, whose whole is this times the ratio, |A| and the token's
    /// share of the loss.
    ///
    /// - Parameters:
    ///   - probabilities: the probabilities. Shape: [V].
    ///   - token: the token that was chosen.
    /// - Returns: the norm.
    public static func norm(probabilities: [Double], token: Int) -> Double {
        precondition(probabilities.indices.contains(token), "the token is one of the vocabulary")
        let squares = probabilities.reduce(0) { $0 + $1 * $1 }
        return max(0, 1 - 2 * probabilities[token] + squares).squareRoot()
    }
}
