internal import StoaCore

/// Makes problems: what it says is a problem for others.
typealias GeneratorAgent = AgentActor<GeneratorLogic>

/// The decisions of a generator.
struct GeneratorLogic: AgentLogic {
    static let role = AgentRole.generator
    private var turn: ModelTurn

    init(_ profile: AgentProfile) { turn = ModelTurn(profile, posting: .problem) }

    mutating func step(_ event: AgentEvent) throws -> [AgentAction] { try turn.step(event) }
}
