internal import OrderedCollections
internal import StoaCore

/// Makes agents when they are first needed, and starts them again when they fail.
actor Supervisor {
    private let world: AgentWorld
    private let plan: Plan
    private var agents: [AgentID: any Agent] = [:]

    init(plan: Plan, world: AgentWorld) {
        self.plan = plan
        self.world = world
    }

    /// Agents that live.
    var count: Int { agents.count }

    /// Has an agent carry out a piece of work; after a failure that may pass, it is started again as often as its
    /// playbook allows.
    ///
    /// - Parameters:
    ///   - assignment: the work; its key's agent names who does it.
    ///   - branch: the indices of the concurrent branches around the step.
    /// - Returns: what it came to.
    /// - Throws: as `AgentActor.perform`.
    func perform(_ assignment: Assignment, branch: [Int]) async throws -> WorkResult {
        let name = assignment.key.agent?.rawValue ?? ""
        let agent = try agent(named: name, branch)
        let restarts = plan.agents[name]?.restarts ?? 0
        var assignment = assignment
        while true {
            do {
                return try await agent.perform(assignment)
            } catch let failure as WorkFailure
                where assignment.key.attempt < restarts && failure.mayRepeat
                && failure.failure.isTransient
            {
                let key = EventKey(assignment.key, .agentRestarted)
                let attempt = assignment.key.attempt + 1
                try await world.performer.recorder.commit([
                    Event(
                        key: key, actor: agent.id,
                        payload: ["error": failure.failure.document, "attempt": .integer(Int64(attempt))])
                ])
                world.observer.observe(
                    RunUpdate(
                        run: world.run, effect: assignment.key,
                        change: .restarted(reason: failure.failure.message, attempt: attempt)))
                assignment.key.attempt = attempt
            }
        }
    }

    private func agent(named name: String, _ branch: [Int]) throws -> any Agent {
        let id = AgentID(role: name, branch: branch)
        if let agent = agents[id] { return agent }
        guard let entry = plan.agents[name] else {
            throw WorkFailure(failure: EffectFailure(kind: .badInput, message: "the playbook has no agent \(name)"))
        }
        let agent = AgentRoles.make(id, entry, world)
        agents[id] = agent
        return agent
    }
}
