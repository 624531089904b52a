public import StoaCore

/// Everything that a policy read and wrote while it worked on one prompt: one training sample.
///
/// The tokens are those the model was given and those it chose, in order; nothing is tokenised again. Which of them it
/// chose is said by position, never by token id: what a tool prints may hold any id.
///
/// Shape: T = `tokens.count`; M = `modelTokenCount`, the positions that `mask` marks.
///
/// Source: the rollout of SimpleTIR, arXiv:2509.02479, kept as one sample whatever the number of its turns.
public struct Trajectory: Sendable, Hashable {
    /// Its name, unique in a store.
    public var id: String
    /// The prompt it belongs to: trajectories of one group are compared with each other.
    public var group: String
    /// All tokens.
    ///
    /// Shape: [T]; empty for a remote model that tells no ids.
    public let tokens: [TokenID]
    /// Where the tokens come from, in order; the counts add up to T, and neighbours differ in origin.
    public let spans: [TokenSpan]
    /// Log-probabilities of the model's tokens when they were sampled, in order.
    ///
    /// Shape: [M], or empty where the model does not tell. Units: natural logarithms at temperature 1.
    public let behaviourLogProbabilities: [Double]
    /// What each turn of the model came to; empty where it had no tools to reason with.
    public var turns: [TrajectoryTurn]
    /// Why the last turn ended.
    public var finish: FinishReason
    /// What it is worth; nil where nobody judged it.
    public var reward: Double?
    /// What sampled it.
    public var policy: SamplingPolicy

    /// Creates a trajectory.
    ///
    /// - Parameters:
    ///   - id: its name.
    ///   - group: the prompt it belongs to.
    ///   - tokens: all tokens.
    ///   - spans: where they come from; neighbours of one origin are joined, empty ones left out.
    ///   - behaviourLogProbabilities: one per token that the model chose, or none.
    ///   - turns: what each turn of the model came to.
    ///   - finish: why the last turn ended.
    ///   - reward: what it is worth.
    ///   - policy: what sampled it.
    /// - Throws: `LearningError.lengthMismatch` where the counts do not fit.
    public init(
        id: String, group: String = "", tokens: [TokenID], spans: [TokenSpan],
        behaviourLogProbabilities: [Double] = [], turns: [TrajectoryTurn] = [], finish: FinishReason = .stop,
        reward: Double? = nil, policy: SamplingPolicy = SamplingPolicy()
    ) throws(LearningError) {
        guard spans.allSatisfy({ $0.count >= 0 }) else {
            throw LearningError(.invalidSetting, "trajectory \(id): expected spans of no negative length")
        }
        let covered = spans.reduce(0) { $0 + $1.count }
        guard covered == tokens.count else {
            throw .lengthMismatch("tokens in the spans", in: "trajectory \(id)", expected: tokens.count, found: covered)
        }
        let chosen = spans.reduce(0) { $0 + ($1.origin == .model ? $1.count : 0) }
        guard behaviourLogProbabilities.isEmpty || behaviourLogProbabilities.count == chosen else {
            throw .lengthMismatch(
                "log-probabilities", in: "trajectory \(id)", expected: chosen, found: behaviourLogProbabilities.count)
        }
        self.id = id
        self.group = group
        self.tokens = tokens
        self.spans = Self.joined(spans)
        self.behaviourLogProbabilities = behaviourLogProbabilities
        self.turns = turns
        self.finish = finish
        self.reward = reward
        self.policy = policy
    }

    private static func joined(_ spans: [TokenSpan]) -> [TokenSpan] {
        var joined: [TokenSpan] = []
        for span in spans where span.count > 0 {
            if let last = joined.indices.last, joined[last].origin == span.origin {
                joined[last].count += span.count
            } else {
                joined.append(span)
            }
        }
        return joined
    }
}

// MARK: - Masks

extension Trajectory {
    /// Which tokens the model chose.
    ///
    /// Shape: [T].
    public var mask: [Bool] { spans.flatMap { Array(repeating: $0.origin == .model, count: $0.count) } }

    /// How many tokens the model chose: M.
    public var modelTokenCount: Int { spans.reduce(0) { $0 + ($1.origin == .model ? $1.count : 0) } }

    /// How many tokens stand before the first that the model chose; all of them where it chose none.
    public var promptCount: Int {
        var count = 0
        for span in spans {
            if span.origin == .model { break }
            count += span.count
        }
        return count
    }

    /// The log-probabilities when sampled, by position: 0 where the token is not the model's.
    ///
    /// Shape: [T].
    ///
    /// - Throws: `LearningError.missingValue` where the model did not tell them.
    public func behaviourByPosition() throws(LearningError) -> [Double] {
        guard behaviourLogProbabilities.count == modelTokenCount else {
            throw .missing(
                "log-probabilities of sampling", in: "trajectory \(id)",
                hint: "sample with a model that reports them: one that runs in this process does")
        }
        var next = 0
        return mask.map { isChosen in
            guard isChosen else { return 0 }
            next += 1
            return behaviourLogProbabilities[next - 1]
        }
    }

    /// Whether a turn of it came to nothing, which takes the whole trajectory out of the update.
    ///
    /// Source: SimpleTIR, arXiv:2509.02479: low-probability tokens after feedback make the gradient explode, and a
    /// turn without code and answer is their cheap symptom; the turns before it are left out as well, since a terminal
    /// reward would punish them for it.
    public var isVoid: Bool { turns.contains { $0.isVoid } }

    /// Whether the last turn was cut: by its length, the model's context or a budget.
    ///
    /// Differs from the released code: that compares the length with the padded width of the batch, so that its longest
    /// response always counts as cut.
    public var isCapped: Bool {
        switch finish {
        case .length, .context, .limit: true
        default: false
        }
    }
}
