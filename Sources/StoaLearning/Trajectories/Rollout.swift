public import StoaCore

/// A trajectory with the words of its tokens and where it comes from: what is exported.
public struct Rollout: Sendable, Hashable {
    /// What is learned from.
    public var trajectory: Trajectory
    /// The conversation that the model was asked to go on with.
    public var prompt: [ChatMessage]
    /// What followed: the model's words, and between them those of tools.
    public var completion: [ChatMessage]
    /// The run; nil for one that was made otherwise.
    public var run: RunID?
    /// The playbook of the run.
    public var playbook: String
    /// The piece of work, as in `solve[1]@solver#0`.
    public var step: String
    /// Who worked.
    public var agent: String
    /// What the answer should be; nil where nobody knows.
    public var reference: String?

    /// Describes a rollout.
    public init(
        trajectory: Trajectory, prompt: [ChatMessage], completion: [ChatMessage], run: RunID? = nil,
        playbook: String = "", step: String = "", agent: String = "", reference: String? = nil
    ) {
        self.trajectory = trajectory
        self.prompt = prompt
        self.completion = completion
        self.run = run
        self.playbook = playbook
        self.step = step
        self.agent = agent
        self.reference = reference
    }

    /// How many turns the model had.
    public var turnCount: Int { completion.count { $0.role == .assistant } }
}
