internal import OrderedCollections
internal import StoaCore

/// An agent: the thin shell around its decisions.
///
/// Isolation: the state belongs to the actor; one piece of work at a time goes through the mailbox, so nothing of another
/// comes between its steps. Work is carried out in the giver's task: cancelling it ends the work at its next effect and
/// leaves the agent as it was before.
actor AgentActor<Logic: AgentLogic>: Agent {
    nonisolated let id: AgentID
    private let plan: PlanAgent
    private let world: AgentWorld
    private var logic: Logic
    private nonisolated let mailbox = Turnstile(slots: 1, capacity: AgentWorld.mailboxCapacity)

    init(id: AgentID, plan: PlanAgent, world: AgentWorld) {
        self.id = id
        self.plan = plan
        self.world = world
        logic = Logic(AgentProfile(agent: plan, date: world.date, values: world.values))
    }

    /// Carries out a piece of work.
    ///
    /// - Parameter assignment: the work.
    /// - Returns: the message it came to and what it cost.
    /// - Throws: `WorkFailure`, `LimitSignal`, `Parked`, `CancellationError`, `JournalError`, `ReplayStop`.
    func perform(_ assignment: Assignment) async throws -> WorkResult {
        do {
            return try await mailbox.pass { try await attempt(assignment) }
        } catch let full as Turnstile.Full {
            throw WorkFailure(
                failure: EffectFailure(
                    kind: .failure, message: "agent \(id): \(full.capacity) pieces of work are waiting already",
                    hint: "give the work to more agents"))
        }
    }

    private func attempt(_ assignment: Assignment) async throws -> WorkResult {
        let before = logic
        do {
            let result = try await work(on: assignment)
            await endSessions(of: assignment)
            return result
        } catch {
            logic = before
            await endSessions(of: assignment)
            throw error
        }
    }

    /// What a method's tools kept for it ends with it.
    private func endSessions(of assignment: Assignment) async {
        if assignment.method != nil { await world.sessions.end(step: assignment.key) }
    }

    // MARK: - Work

    private func work(on assignment: Assignment) async throws -> WorkResult {
        var shell = WorkShell(agent: id, plan: plan, world: world, assignment: assignment)
        shell.report(.working(activity: assignment.activity))
        var actions = try decide(.assigned(assignment))
        while !actions.isEmpty {
            let action = actions.removeFirst()
            // What an effect came to is posted even when nobody waits for it any more: it has happened.
            if !action.keepsWhatHappened { try Task.checkCancellation() }
            if case .finish(let message) = action {
                shell.report(
                    .worked(
                        usage: shell.spending.usage, duration: shell.spending.workingTime, isRecorded: shell.isRecorded)
                )
                return WorkResult(message: message, spending: shell.spending)
            }
            actions += try decide(try await shell.carryOut(action))
        }
        preconditionFailure("agent \(id): its logic neither acts nor finishes at \(assignment.key)")
    }

    private func decide(_ event: AgentEvent) throws -> [AgentAction] {
        do {
            return try logic.step(event)
        } catch {
            throw WorkFailure(failure: EffectFailure(error))
        }
    }
}

/// An agent, whatever its decisions.
protocol Agent: Sendable {
    /// Its name.
    var id: AgentID { get }

    /// Carries out a piece of work; see `AgentActor`.
    func perform(_ assignment: Assignment) async throws -> WorkResult
}

extension Assignment {
    /// What is being done, for people.
    var activity: String {
        switch task {
        case .say: "say"
        case .think: "think"
        case .call: "call"
        case .verify: "verify"
        }
    }
}
