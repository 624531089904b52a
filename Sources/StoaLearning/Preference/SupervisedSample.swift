public import StoaCore

/// Tokens to be learned, and those that stand before them.
public struct SupervisedSample: Sendable, Hashable {
    /// All tokens.
    ///
    /// Shape: [T].
    public var tokens: [TokenID]
    /// Which of them are learned.
    ///
    /// Shape: [T].
    public var mask: [Bool]

    /// Creates a sample that is learned behind a prompt.
    ///
    /// - Parameters:
    ///   - prompt: the tokens that are given.
    ///   - completion: the tokens that are learned, the end of the turn included.
    public init(prompt: [TokenID], completion: [TokenID]) {
        tokens = prompt + completion
        mask = prompt.map { _ in false } + completion.map { _ in true }
    }

    /// Creates a sample of what the model itself said in a trajectory: a verified one, in rejection sampling.
    ///
    /// - Parameter trajectory: the trajectory.
    public init(_ trajectory: Trajectory) {
        tokens = trajectory.tokens
        mask = trajectory.mask
    }

    /// A critique of a solution: problem and solution are given, and only the critique is learned.
    ///
    /// Source: One-shot CFT, arXiv:2506.03295: many solutions of one problem, each with a critique of a teacher.
    ///
    /// - Parameters:
    ///   - problem: the problem's tokens.
    ///   - solution: the solution's tokens, right or wrong.
    ///   - critique: the critique's tokens, the end of the turn included.
    /// - Returns: the sample.
    public static func critique(
        problem: [TokenID], solution: [TokenID], critique: [TokenID]
    ) -> SupervisedSample {
        SupervisedSample(prompt: problem + solution, completion: critique)
    }
}
