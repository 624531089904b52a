public import OrderedCollections
public import StoaCore

/// What a method decides: a pure state machine.
///
/// Equal events give equal actions, in every execution. Each model call is an effect with a turn of its own; what is
/// recorded of it is what the logic is told again.
public protocol MethodLogic: Sendable {
    /// Takes the next event.
    ///
    /// - Parameter event: what happened.
    /// - Returns: the one thing to be done next.
    /// - Throws: a `StoaError` where what it was given makes no sense.
    mutating func step(_ event: MethodEvent) throws -> MethodAction
}

/// What a method is told.
public enum MethodEvent: Sendable {
    /// It begins.
    case began
    /// The agent's model answered what was asked last, or sought.
    case replied(ModelReply)
    /// A verifier judged.
    case judged(Verdict)
    /// A tool returned, or was not called: then the result's status says why.
    case returned(ToolResult)
    /// What was asked last was not done, since a budget has nothing left for it: only `finish` makes sense now.
    case limited(LimitReached)
}

/// What a method wants done.
public enum MethodAction: Sendable {
    /// Ask the agent's model; answered by `replied`.
    ///
    /// The reply may be cut to what a budget leaves, and then ends with `.limit`. The seed is set by the runtime. What goes
    /// on with the conversation that the method was given is shown to people as it is written; anything else is an aside.
    case ask(ModelRequest)
    /// Have the agent's model answer with moved states; answered by `replied`.
    ///
    /// All searches of one step have one seed. A search that a budget may not leave enough for is not begun.
    case seek(ModelRequest, LatentSeeking)
    /// Have a verifier judge a text; answered by `judged`.
    case judge(VerificationRequest, verifier: String)
    /// Have one of the playbook's tools called, if it may be; answered by `returned`.
    ///
    /// Calls that keep a state work on one of the step's own, which ends with the step. A tool that the playbook does not
    /// have is a result that failed: models name such.
    case call(ToolCall, keepsState: Bool)
    /// The step is done: its value, to which `agent` and `tokens`, all that were generated, are added.
    case finish(JSONValue.Members)
}
