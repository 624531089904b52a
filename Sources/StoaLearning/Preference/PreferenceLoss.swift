internal import StoaCore

/// The loss of a preference between two completions of one prompt, over the log-probabilities of whole completions.
///
///     D = (logp(chosen) - logp(rejected)) - (logp_ref(chosen) - logp_ref(rejected))
///     DPO:  (1 - e) softplus(-beta D) + e softplus(beta D)
///     IPO:  (D_mean - 1 / (2 beta))², with the means over tokens in the place of the sums
///
/// A log-probability is the sum over the completion's tokens, the end of the turn included and the prompt left out. The
/// loss of a batch is the mean over its pairs.
///
/// Determinism: the same bits on every machine; the exponential and the logarithm are the portable ones. Nothing
/// overflows, however large beta D is.
///
/// Source: DPO, arXiv:2305.18290 eq. 7; label smoothing, E. Mitchell, "A note on DPO with noisy preferences" (2023); IPO,
/// arXiv:2310.12036 eq. 17; the likelihood beside it, arXiv:2404.19733 eq. 2; all in the forms of TRL.
public struct PreferenceLoss: Sendable, Hashable {
    /// The shape of the loss.
    public enum Kind: Sendable, Hashable {
        /// DPO's, with a part of the labels taken to be wrong: 0 for none.
        case sigmoid(labelSmoothing: Double)
        /// IPO's.
        case ipo
    }

    /// How strongly the policy is held to the reference.
    public var beta: Double
    /// The shape of the loss.
    public var kind: Kind
    /// What minus the mean log-probability of the chosen completion's tokens is added with; 0 for none.
    public var likelihoodWeight: Double

    /// Creates a loss.
    ///
    /// - Parameters:
    ///   - beta: how strongly the policy is held to the reference, more than 0.
    ///   - kind: the shape of the loss.
    ///   - likelihoodWeight: what minus the mean log-probability of the chosen completion's tokens is added with.
    public init(
        beta: Double = 0.1, kind: Kind = .sigmoid(labelSmoothing: 0), likelihoodWeight: Double = 0
    ) {
        self.beta = beta
        self.kind = kind
        self.likelihoodWeight = likelihoodWeight
    }

    /// A completion of a pair, under both policies.
    public struct Completion: Sendable, Hashable {
        /// Its log-probability under the policy that is trained.
        public var logProbability: Double
        /// Its log-probability under the reference; 0 for a loss without a reference.
        public var reference: Double
        /// The number of its tokens, which only means ask for: IPO's and the likelihood's.
        public var length: Int

        /// Describes a completion.
        ///
        /// - Parameters:
        ///   - logProbability: its log-probability under the policy that is trained.
        ///   - reference: its log-probability under the reference.
        ///   - length: the number of its tokens.
        public init(logProbability: Double, reference: Double, length: Int = 1) {
            self.logProbability = logProbability
            self.reference = reference
            self.length = length
        }
    }

    /// What a pair comes to.
    public struct Value: Sendable, Hashable {
        /// The loss.
        public var loss: Double
        /// Its derivative with respect to the log-probability of the chosen completion.
        public var chosenDerivative: Double
        /// Its derivative with respect to the log-probability of the rejected completion.
        public var rejectedDerivative: Double
        /// beta (logp - logp_ref) of the chosen completion.
        public var chosenReward: Double
        /// beta (logp - logp_ref) of the rejected completion.
        public var rejectedReward: Double

        /// How much better the chosen completion is.
        public var margin: Double { chosenReward - rejectedReward }
        /// Whether the chosen completion is the better one.
        public var isRight: Bool { chosenReward > rejectedReward }
    }

    /// Computes the loss of a pair.
    ///
    /// - Parameters:
    ///   - chosen: the completion that is preferred.
    ///   - rejected: the other one.
    /// - Returns: the loss and its derivatives.
    public func value(chosen: Completion, rejected: Completion) -> Value {
        let chosenGain = chosen.logProbability - chosen.reference
        let rejectedGain = rejected.logProbability - rejected.reference
        var value = Value(
            loss: 0, chosenDerivative: 0, rejectedDerivative: 0, chosenReward: beta * chosenGain,
            rejectedReward: beta * rejectedGain)
        switch kind {
        case .sigmoid(let smoothing):
            let margin = beta * (chosenGain - rejectedGain)
            value.loss = (1 - smoothing) * Self.softplus(-margin) + smoothing * Self.softplus(margin)
            value.chosenDerivative = beta * (smoothing * Self.sigmoid(margin) - (1 - smoothing) * Self.sigmoid(-margin))
            value.rejectedDerivative = -value.chosenDerivative
        case .ipo:
            let (own, other) = (Double(max(1, chosen.length)), Double(max(1, rejected.length)))
            let distance = chosenGain / own - rejectedGain / other - 1 / (2 * beta)
            value.loss = distance * distance
            value.chosenDerivative = 2 * distance / own
            value.rejectedDerivative = -2 * distance / other
        }
        if likelihoodWeight != 0 {
            let length = Double(max(1, chosen.length))
            value.loss -= likelihoodWeight * chosen.logProbability / length
            value.chosenDerivative -= likelihoodWeight / length
        }
        return value
    }

    /// log(1 + exp(x)).
    static func softplus(_ x: Double) -> Double { max(x, 0) + PortableMath.log(1 + PortableMath.exp(-abs(x))) }

    /// 1 / (1 + exp(-x)).
    static func sigmoid(_ x: Double) -> Double {
        let power = PortableMath.exp(-abs(x))
        return x >= 0 ? 1 / (1 + power) : power / (1 + power)
    }
}
