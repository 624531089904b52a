internal import StoaCore

/// Works on the problem, in words or in thought.
typealias SolverAgent = AgentActor<SolverLogic>

/// The decisions of a solver.
struct SolverLogic: AgentLogic {
    static let role = AgentRole.solver
    private var turn: ModelTurn

    init(_ profile: AgentProfile) { turn = ModelTurn(profile, posting: .text) }

    mutating func step(_ event: AgentEvent) throws -> [AgentAction] { try turn.step(event) }
}
