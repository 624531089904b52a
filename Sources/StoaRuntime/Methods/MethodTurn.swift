internal import OrderedCollections
internal import StoaCore

/// A method under way: turns what it wants into an agent's actions, and counts what it costs.
struct MethodTurn: Sendable {
    private let name: String
    private var logic: any MethodLogic
    private var usage = Usage.zero
    private var isLimited = false

    /// Begins.
    ///
    /// - Parameters:
    ///   - type: the method.
    ///   - input: what it is given.
    /// - Throws: what the method throws.
    init(_ type: any Method.Type, _ input: MethodInput) throws {
        name = type.name
        logic = try type.makeLogic(input)
    }

    /// Has the method decide.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - agent: who follows the method.
    ///   - kind: what kind of message its words are.
    /// - Returns: the next action.
    /// - Throws: what the method throws.
    mutating func step(_ event: MethodEvent, agent: String, posting kind: MessageKind) throws -> AgentAction {
        switch event {
        case .replied(let reply): usage += reply.usage.logical
        case .limited: isLimited = true
        case .began, .judged: break
        }
        switch try logic.step(event) {
        case .ask(let request):
            try checkBudget()
            return .ask(request)
        case .seek(let request, let seeking):
            try checkBudget()
            return .seek(request, seeking)
        case .judge(let request, let verifier): return .judge(request, verifier: verifier)
        case .finish(var members):
            members["agent"] = .string(agent)
            members["tokens"] = .integer(Int64(usage.decodedTokens))
            return .post(kind, payload: .object(members), usage: usage)
        }
    }

    /// A method that goes on asking would never end.
    private func checkBudget() throws {
        guard isLimited else { return }
        throw EffectFailure(
            kind: .failure, message: "method \(name): expected it to finish at the end of its budget, it asked again")
    }
}
