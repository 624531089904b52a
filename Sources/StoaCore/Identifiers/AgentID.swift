/// The name of an agent of a run.
///
/// An agent that works in several branches of a `parallel` or `for_each` step at once exists once per branch: `solver`
/// outside, `solver/0` and `solver/1` in two branches. `role` is the playbook's name for all of them.
public struct AgentID: RawRepresentable, Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The name.
    public let rawValue: String

    /// Creates an id from its name.
    ///
    /// - Parameter rawValue: the name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Creates an id from its name.
    ///
    /// - Parameter rawValue: the name.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// The instance of an agent in a branch.
    ///
    /// - Parameters:
    ///   - role: the playbook's name for the agent.
    ///   - branch: the indices of the concurrent branches around the step, outermost first; empty outside of any.
    public init(role: String, branch: [Int]) {
        rawValue = branch.isEmpty ? role : "\(role)/\(branch.map(String.init).joined(separator: "."))"
    }

    /// The part of a run that is not an agent: it assigns work and posts the run's parameters.
    ///
    /// No agent can have the name.
    public static let conductor = AgentID("_conductor")

    /// The playbook's name for the agent, without the branch.
    public var role: String { String(rawValue.prefix { $0 != "/" }) }

    /// The name.
    public var description: String { rawValue }

    /// Orders ids by name.
    public static func < (left: AgentID, right: AgentID) -> Bool { left.rawValue < right.rawValue }
}
