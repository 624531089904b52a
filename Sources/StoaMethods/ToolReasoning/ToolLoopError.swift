internal import StoaCore

/// What keeps a loop from going on, whatever was written.
struct ToolLoopError: StoaError, Hashable {
    let message: String
    let hint: String?
    var kind: FailureKind { .failure }

    /// A model that wrote on behind a block that should have ended its reply.
    ///
    /// Its tokens cannot be cut where its words would have to be.
    static let unendedReply = ToolLoopError(
        message: "tool-loop: expected the model's reply to end with its first block of code, found words behind it",
        hint: "the model does not honour ModelRequest.fence")
}
