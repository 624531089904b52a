internal import StoaCore

/// Decides whether an answer is right: by a verifier's rules, or in words.
typealias VerifierAgent = AgentActor<VerifierLogic>

/// The decisions of a verifier.
struct VerifierLogic: AgentLogic {
    static let role = AgentRole.verifier
    private var turn: ModelTurn
    private var judgement: Judgement

    init(_ profile: AgentProfile) {
        turn = ModelTurn(profile, posting: .text)
        judgement = Judgement(profile)
    }

    mutating func step(_ event: AgentEvent) throws -> [AgentAction] {
        if case .assigned(let assignment) = event, turn.takes(assignment.task) { return try turn.step(event) }
        if case .assigned = event { return try judgement.step(event) }
        return judgement.isUnderWay ? try judgement.step(event) : try turn.step(event)
    }
}
