internal import StoaCore

/// What a new problem is worth to a solver: most where it is solved half of the time.
///
///     U = exp(-(s - mu)² / (2 sigma²))
///
/// It weighs the problems that a generator learns to write. What shape it has matters little: the paper's variants are
/// within 0.4 points of each other.
///
/// Source: Socratic-Zero, arXiv:2509.24726.
public struct ProblemUtility: Sendable, Hashable {
    /// The success rate that is worth most: mu.
    public var target: Double
    /// How far from it a problem is worth something: sigma.
    public var width: Double

    /// Creates a utility.
    ///
    /// - Parameters:
    ///   - target: the success rate that is worth most.
    ///   - width: how far from it a problem is worth something, more than 0.
    public init(target: Double = 0.5, width: Double = 0.2) {
        self.target = target
        self.width = width
    }

    /// What a problem is worth.
    ///
    /// - Parameter successRate: the solver's success on it, 0 to 1.
    /// - Returns: 0 to 1.
    public func value(successRate: Double) -> Double {
        let distance = successRate - target
        return PortableMath.exp(-distance * distance / (2 * width * width))
    }
}
