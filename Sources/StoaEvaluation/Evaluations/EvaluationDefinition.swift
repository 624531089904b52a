public import OrderedCollections
public import StoaCore

/// What an evaluation asks, of whom, and how answers are scored: all that its results depend on.
public struct EvaluationDefinition: Sendable, Hashable {
    /// The resolved playbook.
    public var playbook: JSONValue
    /// The parameters that are the same for all problems.
    public var parameters: JSONValue.Members
    /// The file that the problems come from.
    public var data: String
    /// The problems.
    public var problems: [Problem]
    /// How often each problem is asked.
    public var samples: Int
    /// The seed of all chance.
    public var seed: UInt64
    /// How answers are scored.
    public var scoring: EvaluationScoring
    /// The models by the plan's names.
    public var models: [String: ModelIdentity]
    /// How short the interval of the accuracy has to be for the rest of the problems to be left out; nil for never.
    public var stopWidth: Double?
    /// The evaluation whose runs are scored anew; nil for one with runs of its own.
    public var rescored: RunID?

    /// Creates a definition.
    public init(
        playbook: JSONValue, parameters: JSONValue.Members = [:], data: String, problems: [Problem], samples: Int = 1,
        seed: UInt64 = 0, scoring: EvaluationScoring = EvaluationScoring(), models: [String: ModelIdentity] = [:],
        stopWidth: Double? = nil, rescored: RunID? = nil
    ) {
        self.playbook = playbook
        self.parameters = parameters
        self.data = data
        self.problems = problems
        self.samples = samples
        self.seed = seed
        self.scoring = scoring
        self.models = models
        self.stopWidth = stopWidth
        self.rescored = rescored
    }

    /// The playbook's name.
    public var name: String { playbook["name"]?.stringValue ?? "" }

    /// The seed of a run: the same whatever else is asked, in whatever order.
    ///
    /// - Parameters:
    ///   - problem: the problem.
    ///   - sample: which of its tries, from 0.
    /// - Returns: a seed of 63 bits, which every reader of JSON understands.
    public func seed(of problem: Problem, sample: Int) -> UInt64 {
        RandomStream(seed: seed).child("evaluation").child(problem.id).child(sample).word(at: 0) >> 1
    }

    /// The order in which problems are asked: that of the file, or a shuffled one where the rest may be left out, since
    /// files begin with the easy ones as a rule.
    var order: [Int] {
        guard stopWidth != nil else { return Array(problems.indices) }
        let stream = RandomStream(seed: seed).child("evaluation order")
        var order = Array(problems.indices)
        for place in order.indices.reversed() where place > 0 {
            order.swapAt(place, stream.integer(at: UInt64(place), below: place + 1))
        }
        return order
    }
}
