internal import StoaCore

/// The actors of the roles.
///
/// A new role is a file beside this one, a case of `AgentRole` and a line here.
enum AgentRoles {
    static func make(_ id: AgentID, _ plan: PlanAgent, _ world: AgentWorld) -> any Agent {
        switch plan.role {
        case .solver: SolverAgent(id: id, plan: plan, world: world)
        case .teacher: TeacherAgent(id: id, plan: plan, world: world)
        case .generator: GeneratorAgent(id: id, plan: plan, world: world)
        case .verifier: VerifierAgent(id: id, plan: plan, world: world)
        case .toolExecutor: ToolExecutorAgent(id: id, plan: plan, world: world)
        }
    }
}
