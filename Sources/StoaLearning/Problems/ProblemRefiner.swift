public import StoaCore

/// Makes a new problem of one that a solver tried: the programmatic teacher's refinement.
///
/// | zone | the new problem |
/// |---|---|
/// | learning | the same family and level with other numbers and another wording, or what the error was about: a family that looks alike and asks for another operation, a number that does not belong |
/// | mastered | the next level, or a family that goes a step further |
/// | too hard | the level below |
///
/// Determinism: a pure function of its arguments.
public struct ProblemRefiner: Sendable {
    /// A problem that was tried.
    public struct Tried: Sendable, Hashable {
        /// The problem.
        public var problem: WordProblem
        /// How hard it is for the solver.
        public var zone: DifficultyZone
        /// A wrong attempt; nil where there is none.
        public var failed: String?

        /// Describes a problem that was tried.
        ///
        /// - Parameters:
        ///   - problem: the problem.
        ///   - zone: how hard it is for the solver.
        ///   - failed: a wrong attempt.
        public init(problem: WordProblem, zone: DifficultyZone, failed: String? = nil) {
            self.problem = problem
            self.zone = zone
            self.failed = failed
        }
    }

    /// A new problem and what it is about.
    public struct Refined: Sendable, Hashable {
        /// The new problem.
        public var problem: WordProblem
        /// What it targets: an error, or `extension` or `simplification`.
        public var target: String
        /// How much harder it is meant to be: -1, 0 or 1.
        public var difference: Int
    }

    private let library: FamilyLibrary
    private let draw: ProblemDraw

    /// How often a family that looks alike is drawn after a wrong operation.
    private static let contrastShare = 0.5
    /// How often a family that goes a step further is drawn after mastery.
    private static let harderShare = 0.3
    /// Attempts to find another wording.
    private static let attempts = 4

    /// Creates a refiner.
    ///
    /// - Parameters:
    ///   - library: the families.
    ///   - draw: draws the new problems.
    public init(library: FamilyLibrary, draw: ProblemDraw) {
        self.library = library
        self.draw = draw
    }

    /// Makes a new problem.
    ///
    /// - Parameters:
    ///   - tried: the problem that was tried.
    ///   - stream: whose chance is drawn on.
    ///   - id: the new problem's name.
    /// - Returns: the problem; nil where the family is not known.
    /// - Throws: `LearningError.invalidFamily` where no numbers meet a family's conditions.
    public func refined(_ tried: Tried, stream: RandomStream, id: String) throws(LearningError) -> Refined? {
        guard let family = tried.problem.family.flatMap({ library[$0] }) else { return nil }
        var chance = Chance(stream.child("refinement"))
        let level = tried.problem.level
        switch tried.zone {
        case .mastered:
            let harder = family.harder.compactMap { library[$0] }
            let isTop = level >= ProblemFamily.levels.upperBound
            if !harder.isEmpty, isTop || chance.isLucky(Self.harderShare), let next = chance.element(of: harder) {
                return try drawn(next, max(1, level - 1), tried, stream, id, target: "extension", difference: 1)
            }
            return try drawn(family, level + 1, tried, stream, id, target: "extension", difference: isTop ? 0 : 1)
        case .tooHard:
            return try drawn(family, level - 1, tried, stream, id, target: "simplification", difference: -1)
        case .learning:
            let error = tried.failed.map {
                AttemptError(of: $0, question: tried.problem.question, program: tried.problem.program)
            }
            let target = (error ?? .other).rawValue
            let contrast = family.contrast.compactMap { library[$0] }
            if error == .operation, chance.isLucky(Self.contrastShare), let other = chance.element(of: contrast) {
                return try drawn(other, level, tried, stream, id, target: target, difference: 0)
            }
            return try drawn(
                family, level, tried, stream, id, target: target, difference: 0, needsExtra: error == .distractor)
        }
    }

    private func drawn(
        _ family: ProblemFamily, _ level: Int, _ tried: Tried, _ stream: RandomStream, _ id: String, target: String,
        difference: Int, needsExtra: Bool = false
    ) throws(LearningError) -> Refined {
        var problem: WordProblem?
        for attempt in 0..<Self.attempts {
            let next = try draw.problem(
                of: family, level: level, stream: stream.child(attempt), id: id, needsExtra: needsExtra)
            problem = next
            if next.family != tried.problem.family || next.wording != tried.problem.wording { break }
        }
        guard let problem else { throw LearningError(.invalidFamily, "family \(family.name): expected a problem") }
        return Refined(problem: problem, target: target, difference: difference)
    }
}
