internal import StoaCore

/// The low-variance estimate of the divergence from a reference policy at one sampled token, called k3.
///
///     d = logp_reference - logp;   k3 = exp(d) - d - 1
///
/// It is never negative, and its mean over tokens sampled from the policy is KL(policy || reference). It is clamped from
/// above, where its derivative is 0.
///
/// Source: J. Schulman, "Approximating KL divergence" (2020); GRPO, arXiv:2402.03300 eq. 4; the clamp is verl's.
public struct KLEstimator: Sendable, Hashable {
    /// The most that a token counts.
    public var maximum: Double

    /// Creates the estimator.
    ///
    /// - Parameter maximum: the most that a token counts.
    public init(maximum: Double = 10) { self.maximum = maximum }

    /// Estimates the divergence at a token.
    ///
    /// - Parameters:
    ///   - logProbability: the token's log-probability under the policy that is trained.
    ///   - reference: its log-probability under the reference policy.
    /// - Returns: the estimate and its derivative with respect to the first.
    public func value(logProbability: Double, reference: Double) -> (estimate: Double, derivative: Double) {
        let difference = reference - logProbability
        let ratio = PortableMath.exp(difference)
        let estimate = ratio - difference - 1
        guard estimate < maximum else { return (maximum, 0) }
        // The rounding of exp may leave a tiny negative number where there is no difference to speak of.
        return (max(0, estimate), 1 - ratio)
    }
}
