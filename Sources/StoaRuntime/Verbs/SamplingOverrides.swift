public import StoaCore

/// The sampling parameters that a step changes for itself.
public struct SamplingOverrides: Sendable, Hashable {
    /// See `SamplingParameters.temperature`.
    public var temperature: Double?
    /// See `SamplingParameters.topK`.
    public var topK: Int?
    /// See `SamplingParameters.topP`.
    public var topP: Double?
    /// See `SamplingParameters.minP`.
    public var minP: Double?
    /// See `SamplingParameters.repetitionPenalty`.
    public var repetitionPenalty: Double?
    /// See `SamplingParameters.presencePenalty`.
    public var presencePenalty: Double?
    /// See `SamplingParameters.frequencyPenalty`.
    public var frequencyPenalty: Double?

    /// Creates overrides that change nothing.
    public init() {}

    /// The parameters with what is overridden replaced.
    ///
    /// - Parameter base: the parameters, usually the agent's.
    /// - Returns: the parameters to sample with.
    public func applied(to base: SamplingParameters) -> SamplingParameters {
        var result = base
        if let temperature { result.temperature = temperature }
        if let topK { result.topK = topK }
        if let topP { result.topP = topP }
        if let minP { result.minP = minP }
        if let repetitionPenalty { result.repetitionPenalty = repetitionPenalty }
        if let presencePenalty { result.presencePenalty = presencePenalty }
        if let frequencyPenalty { result.frequencyPenalty = frequencyPenalty }
        return result
    }
}
