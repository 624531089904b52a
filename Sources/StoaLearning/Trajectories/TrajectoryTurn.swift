/// What one turn of the model came to: the text it wrote up to a tool's word or the end.
public struct TrajectoryTurn: Sendable, Hashable {
    /// Whether it has a complete block of code, or calls a tool in another way; whether that worked does not matter.
    public var hasCode: Bool
    /// Whether it gives a final answer.
    public var hasAnswer: Bool

    /// Describes a turn.
    ///
    /// - Parameters:
    ///   - hasCode: whether it has a complete block of code.
    ///   - hasAnswer: whether it gives a final answer.
    public init(hasCode: Bool, hasAnswer: Bool) {
        self.hasCode = hasCode
        self.hasAnswer = hasAnswer
    }

    /// Whether it came to nothing: neither a complete block of code nor a final answer.
    ///
    /// Code that fails, runs out of time or prints nothing is code all the same.
    ///
    /// Source: SimpleTIR, arXiv:2509.02479.
    public var isVoid: Bool { !hasCode && !hasAnswer }
}
