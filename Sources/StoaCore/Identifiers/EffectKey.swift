/// The stable name of one piece of work in a run: what the playbook says is done, not when it happened to be done.
///
/// Two executions of the same playbook give the same work the same key, whatever runs beside it. The text form is
/// `node[i,j]@agent#attempt.turn`, as in `critique[1]@critic#0.0`; brackets are left out where there are no indices,
/// and `@agent` where no agent is involved.
public struct EffectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The id of the playbook's step: `a-z`, `A-Z`, `0-9`, `_` and `-`.
    public var node: String
    /// The indices of the loops and branches around the step, outermost first.
    public var indices: [Int]
    /// Who does it; nil for the run itself.
    public var agent: AgentID?
    /// How often the agent was restarted at this piece of work.
    public var attempt: Int
    /// Which of several calls within the step, from 0.
    public var turn: Int

    /// Creates a key.
    ///
    /// - Parameters:
    ///   - node: the id of the playbook's step.
    ///   - indices: the indices of the loops and branches around it.
    ///   - agent: who does it.
    ///   - attempt: how often the agent was restarted at it.
    ///   - turn: which of several calls within the step.
    public init(node: String, indices: [Int] = [], agent: AgentID? = nil, attempt: Int = 0, turn: Int = 0) {
        self.node = node
        self.indices = indices
        self.agent = agent
        self.attempt = attempt
        self.turn = turn
    }

    /// Hashes what tells most keys apart, since keys are looked up all the time.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(node)
        for index in indices { hasher.combine(index) }
        hasher.combine(turn)
    }

    /// Reads the text form; nil for anything else.
    public init?(_ text: String) {
        guard let hash = text.lastIndex(of: "#") else { return nil }
        let counts = text[text.index(after: hash)...].split(separator: ".", omittingEmptySubsequences: false)
        guard counts.count == 2, let attempt = Int(counts[0]), let turn = Int(counts[1]) else { return nil }
        var rest = text[..<hash]
        var agent: AgentID?
        if let at = rest.firstIndex(of: "@") {
            agent = AgentID(String(rest[rest.index(after: at)...]))
            rest = rest[..<at]
        }
        var indices: [Int] = []
        if rest.last == "]", let bracket = rest.firstIndex(of: "[") {
            for word in rest[rest.index(after: bracket)...].dropLast().split(separator: ",") {
                guard let index = Int(word) else { return nil }
                indices.append(index)
            }
            rest = rest[..<bracket]
        }
        guard !rest.isEmpty else { return nil }
        self.init(node: String(rest), indices: indices, agent: agent, attempt: attempt, turn: turn)
    }

    /// The text form.
    public var description: String {
        let place = indices.isEmpty ? node : "\(node)[\(indices.map(String.init).joined(separator: ","))]"
        return "\(place)\(agent.map { "@\($0)" } ?? "")#\(attempt).\(turn)"
    }

    /// Orders keys by step, indices, agent, attempt and turn.
    public static func < (left: EffectKey, right: EffectKey) -> Bool {
        if left.node != right.node { return left.node < right.node }
        if left.indices != right.indices { return left.indices.lexicographicallyPrecedes(right.indices) }
        if left.agent != right.agent { return (left.agent?.rawValue ?? "") < (right.agent?.rawValue ?? "") }
        return (left.attempt, left.turn) < (right.attempt, right.turn)
    }

    /// The seed path of the work's own randomness, below a run's seed.
    ///
    /// - Parameter seed: the run's seed.
    /// - Returns: the path: step, indices, agent, attempt, turn.
    public func seedPath(seed: UInt64) -> SeedPath {
        var path = SeedPath(seed: seed).child(node)
        for index in indices { path = path.child(index) }
        if let agent { path = path.child(agent.rawValue) }
        return path.child(attempt).child(turn)
    }
}
