/// Why a generation ended.
public enum FinishReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// The model produced a token that ends its turn.
    case stop
    /// A stop string of the request appeared in the text.
    case stopString = "stop_string"
    /// A block of code of the request's fence was complete.
    case fence
    /// The requested number of tokens was reached.
    case length
    /// The model's context had no room for another token.
    case context
    /// A budget of the run, the agent or the block was used up.
    case limit
    /// The consumer went away or asked to end.
    case cancelled
}
