/// What a message carries.
public enum MessageKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Text that a model decoded, or that was put together from such text.
    case text
    /// A handle to hidden states and an attention cache.
    case latent
    /// A wish to have a tool run.
    case toolCall = "tool_call"
    /// What came of a tool call.
    case toolResult = "tool_result"
    /// A verifier's judgement.
    case verdict
    /// A parameter of the run, such as the question.
    case problem
    /// A number by which something is to be preferred.
    case reward
    /// An item of a loop, a choice, a person's word: what steers the run.
    case control
}
