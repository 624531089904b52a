public import StoaCore

/// One call of a model, with what its words came to.
public struct SampledCall: Sendable, Hashable {
    /// What the model was asked.
    public var request: ModelRequest
    /// What it said.
    public var reply: ModelReply
    /// What its turn came to; nil where the model had no tools to reason with, so that there is nothing to be void.
    public var turn: TrajectoryTurn?

    /// Describes a call.
    ///
    /// - Parameters:
    ///   - request: what the model was asked.
    ///   - reply: what it said.
    ///   - turn: what its turn came to.
    public init(request: ModelRequest, reply: ModelReply, turn: TrajectoryTurn? = nil) {
        self.request = request
        self.reply = reply
        self.turn = turn
    }

    /// Whether this call goes on where another ended: the model was given the other's prompt and its tokens, and more.
    ///
    /// Where no token ids are known, the pieces of the turn say it.
    ///
    /// - Parameter other: a call before this one.
    /// - Returns: whether both are parts of one trajectory.
    public func continues(_ other: SampledCall) -> Bool {
        let before = other.reply
        guard before.promptTokens.isEmpty else {
            let given = reply.promptTokens
            let end = before.promptTokens.count + before.tokens.count
            return given.count >= end && given.starts(with: before.promptTokens)
                && given[before.promptTokens.count..<end].elementsEqual(before.tokens)
        }
        let said = request.turn.dropFirst(other.request.turn.count)
        guard reply.promptTokens.isEmpty, request.messages == other.request.messages,
            request.turn.starts(with: other.request.turn), case .tokens(_, before.text)? = said.first
        else { return false }
        return true
    }
}
