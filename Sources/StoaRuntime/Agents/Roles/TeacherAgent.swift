internal import StoaCore

/// Judges, explains and asks.
typealias TeacherAgent = AgentActor<TeacherLogic>

/// The decisions of a teacher.
struct TeacherLogic: AgentLogic {
    static let role = AgentRole.teacher
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
