/// How hard a problem is for a solver that tried it several times.
///
/// Source: Socratic-Zero, arXiv:2509.24726: s = right attempts / attempts.
public enum DifficultyZone: String, Sendable, Hashable, CaseIterable, Codable {
    /// Every attempt was right.
    case mastered
    /// Some were.
    case learning
    /// None was.
    case tooHard = "too_hard"

    /// The zone of a problem.
    ///
    /// - Parameters:
    ///   - right: how many attempts were right.
    ///   - attempts: how many there were, at least 1.
    public init(right: Int, of attempts: Int) {
        precondition(attempts > 0 && 0...attempts ~= right, "some of the attempts are right, all or none")
        self = right == attempts ? .mastered : right > 0 ? .learning : .tooHard
    }
}
