internal import StoaCore

/// The clipped surrogate of one token, with separate bounds above and below and a second clip for bad trajectories.
///
///     rho  = exp(logp - logp_behaviour)
///     loss = max(-A rho, -A clip(rho, 1 - lower, 1 + upper));   where A < 0: min(that, -A c)
///
/// The derivative with respect to logp is -A rho where the first term is the one that counts, and exactly 0 where the
/// loss is clipped. At a bound itself, where both terms are equal, the token is not clipped.
///
/// Determinism: the same bits on every machine; the exponential is the portable one.
///
/// Source: PPO, arXiv:1707.06347 eq. 7; clip-higher, DAPO, arXiv:2503.14476 §3.1; dual clip, arXiv:1912.09729.
public struct ClippedPolicyLoss: Sendable, Hashable {
    /// How far below 1 the ratio counts.
    public var lower: Double
    /// How far above 1 the ratio counts.
    public var upper: Double
    /// The ratio above which the loss of a negative advantage grows no further: more than 1; nil for no such bound.
    public var dualClip: Double?

    /// Creates the loss, with SimpleTIR's settings unless told otherwise.
    ///
    /// - Parameters:
    ///   - lower: how far below 1 the ratio counts.
    ///   - upper: how far above 1 the ratio counts.
    ///   - dualClip: the ratio above which the loss of a negative advantage grows no further.
    public init(lower: Double = 0.2, upper: Double = 0.28, dualClip: Double? = 3) {
        self.lower = lower
        self.upper = upper
        self.dualClip = dualClip
    }

    /// The loss of a token and its derivative.
    public struct Value: Sendable, Hashable {
        /// The loss.
        public var loss: Double
        /// Its derivative with respect to the token's log-probability under the policy that is trained.
        public var derivative: Double
        /// The importance ratio.
        public var ratio: Double
        /// Whether the ratio was clipped, so that the derivative is 0.
        public var isClipped: Bool
    }

    /// Computes the loss of a token from its log-probabilities.
    ///
    /// - Parameters:
    ///   - logProbability: the log-probability under the policy that is trained.
    ///   - behaviour: the log-probability under the policy that sampled the token.
    ///   - advantage: the advantage.
    /// - Returns: the loss and its derivative.
    public func value(logProbability: Double, behaviour: Double, advantage: Double) -> Value {
        value(ratio: PortableMath.exp(logProbability - behaviour), advantage: advantage)
    }

    /// Computes the loss of a token from its importance ratio.
    ///
    /// - Parameters:
    ///   - ratio: the importance ratio.
    ///   - advantage: the advantage.
    /// - Returns: the loss and its derivative.
    public func value(ratio: Double, advantage: Double) -> Value {
        // Without an advantage there is no loss, however large the ratio: infinity times 0 is no number.
        guard advantage != 0 else { return Value(loss: 0, derivative: 0, ratio: ratio, isClipped: false) }
        let plain = -advantage * ratio
        let clipped = -advantage * min(max(ratio, 1 - lower), 1 + upper)
        if clipped > plain { return Value(loss: clipped, derivative: 0, ratio: ratio, isClipped: true) }
        if advantage < 0, let dualClip, plain > -advantage * dualClip {
            return Value(loss: -advantage * dualClip, derivative: 0, ratio: ratio, isClipped: true)
        }
        return Value(loss: plain, derivative: plain, ratio: ratio, isClipped: false)
    }
}
