internal import OrderedCollections
internal import StoaCore

/// What becomes of replies that have to be something: one that is not is sent back once, with what is wrong with it.
///
/// The engine writes nothing else than it is told to; a server may.
struct ReplyRepair: Sendable {
    /// How often a reply is sent back.
    private static let times = 1

    private let constraint: OutputConstraint
    private var request: ModelRequest
    /// What was said last and the problem with it, while it is sent back.
    private(set) var refused: (reply: ModelReply, call: EffectKey)?
    /// What is wrong with the last reply; nil where nothing is.
    private(set) var problem: String?
    /// What the replies cost that were sent back.
    private(set) var usage = Usage.zero
    private var sent = 0

    /// Looks at the replies to a request; nil where any words will do.
    init?(_ request: ModelRequest) {
        guard let constraint = request.constraint else { return nil }
        self.constraint = constraint
        self.request = request
    }

    /// Takes a reply.
    ///
    /// - Parameters:
    ///   - reply: the reply.
    ///   - call: the call that it came from.
    /// - Returns: what it is sent back with; nil where it is taken as it is.
    mutating func take(_ reply: ModelReply, of call: EffectKey) -> ModelRequest? {
        problem = constraint.problem(with: reply.text)
        guard let problem, sent < Self.times else { return nil }
        sent += 1
        refused = (reply, call)
        usage += reply.usage.logical
        request.messages += constraint.repair(of: reply.text, problem)
        return request
    }

    /// What a value says of the last reply.
    var members: JSONValue.Members { problem.map { ["unparsed": .string($0)] } ?? [:] }
}
