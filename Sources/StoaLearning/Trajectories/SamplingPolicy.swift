/// What sampled a trajectory: the behaviour policy of off-policy corrections.
///
/// Log-probabilities are numbers of one set of weights, computed in one way; a trainer that computes them in another way
/// has an importance ratio that is not 1 on its first step.
public struct SamplingPolicy: Sendable, Hashable {
    /// What tells the weights, the tokenizer, the adapter and the precision apart: the model's fingerprint.
    public var fingerprint: String
    /// The model's name, for people.
    public var name: String
    /// The kernels that computed it, such as `avx512`; nil for a remote model.
    public var kernelPath: String?
    /// The precision that was asked for, such as `exact`; nil where nobody said.
    public var precision: String?
    /// The temperature it sampled at.
    ///
    /// Log-probabilities are those of temperature 1 whatever it was.
    public var temperature: Double?

    /// Describes a policy.
    ///
    /// - Parameters:
    ///   - fingerprint: the model's fingerprint.
    ///   - name: the model's name.
    ///   - kernelPath: the kernels that computed it.
    ///   - precision: the precision that was asked for.
    ///   - temperature: the temperature it sampled at.
    public init(
        fingerprint: String = "", name: String = "", kernelPath: String? = nil, precision: String? = nil,
        temperature: Double? = nil
    ) {
        self.fingerprint = fingerprint
        self.name = name
        self.kernelPath = kernelPath
        self.precision = precision
        self.temperature = temperature
    }
}
