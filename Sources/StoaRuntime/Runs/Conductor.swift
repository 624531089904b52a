internal import OrderedCollections
internal import StoaCore

/// Carries out the steps of a plan: decides what is done, and gives it to agents.
///
/// Its decisions depend on the plan and on messages alone, never on which branch was faster.
public struct Conductor: Sendable {
    let plan: Plan
    let world: AgentWorld
    let supervisor: Supervisor

    private var recorder: RunRecorder { world.performer.recorder }

    // MARK: - Steps

    /// Carries out steps in order.
    ///
    /// - Parameters:
    ///   - steps: the steps.
    ///   - frame: where they are; what they define is in it afterwards, also where they fail on the way.
    /// - Throws: `WorkFailure`, `LimitSignal`, `Parked`, `CancellationError`, `JournalError`, `ReplayStop`.
    func run(_ steps: [PlanStep], in frame: inout Frame) async throws {
        for step in steps {
            try Task.checkCancellation()
            if let condition = step.condition {
                let holds = try await isTrue(condition, in: frame)
                let decision = try await decided(
                    step, in: &frame, ["condition": .bool(holds)],
                    words: "\(step.id): \(condition.source) is \(holds)")
                guard decision["condition"] == true else { continue }
            }
            guard !step.budget.isUnlimited else {
                try await step.verb.run(step, by: self, in: &frame)
                continue
            }
            let account = frame.ledger.accounts.count
            frame.ledger.open(step.budget, scope: "step \(step.id)", at: world.clock.now)
            defer { frame.ledger.close() }
            do {
                try await step.verb.run(step, by: self, in: &frame)
            } catch let signal as LimitSignal where signal.account == account {
                try await note(signal.limit, at: frame.key(step))
            }
        }
    }

    /// Carries out blocks at the same time, each on a copy of the frame; all of them come to an end.
    ///
    /// Of many blocks some begin when others have ended. Which ones are under way together has no influence on what they come
    /// to: their keys and what they may spend do not depend on it.
    ///
    /// - Parameters:
    ///   - frames: the frame each block begins with; what they may spend is shared out here.
    ///   - frame: the frame around; takes back what the blocks did not spend.
    ///   - body: what to do in each.
    /// - Returns: the frames afterwards, in order, and the error that counts where blocks failed.
    func runConcurrently(
        _ frames: [Frame], in frame: inout Frame,
        _ body: @escaping @Sendable (_ index: Int, _ frame: inout Frame) async throws -> Void
    ) async -> (frames: [Frame], failure: (any Error)?) {
        let share = frame.ledger.share(of: max(1, frames.count))
        let ends = await withTaskGroup(of: (Int, Frame, (any Error)?).self) { group in
            var waiting = frames.enumerated().makeIterator()
            func begin() {
                guard let (index, start) = waiting.next() else { return }
                group.addTask {
                    var frame = start
                    frame.ledger = share
                    frame.branch.append(index)
                    do {
                        try await body(index, &frame)
                        return (index, frame, nil)
                    } catch {
                        return (index, frame, error)
                    }
                }
            }
            for _ in 0..<min(frames.count, world.branches) { begin() }
            var ends: [(Int, Frame, (any Error)?)] = []
            for await end in group {
                ends.append(end)
                begin()
            }
            return ends.sorted { $0.0 < $1.0 }
        }
        for (_, end, _) in ends { frame.ledger.absorb(end.ledger) }
        await world.sessions.end(inside: frame.branch)
        let failures = ends.compactMap { $0.2 }
        let ranks = failures.map(Self.rank)
        return (ends.map { $0.1 }, ranks.min().flatMap { least in ranks.firstIndex(of: least) }.map { failures[$0] })
    }

    /// Which of the errors of concurrent branches counts; among equals it is the first in order.
    ///
    /// What keeps the run from ending comes first, then what ends it with an error, then limits, the widest first.
    private static func rank(_ error: any Error) -> Int {
        switch error {
        case is CancellationError: 1
        case is Parked: 2
        case is WorkFailure: 3
        case let signal as LimitSignal: 4 + signal.account
        default: 0
        }
    }

    // MARK: - Work

    /// Gives a piece of work to an agent; the step's name stands for the message it comes to.
    ///
    /// - Parameters:
    ///   - task: what to do.
    ///   - name: the agent.
    ///   - step: the step.
    ///   - turn: what an exchange with a model begins with, and what is kept of it.
    ///   - method: the method that is followed to say something; nil for asking once.
    ///   - timeout: how long each effect may take; nil for the agent's own limit.
    ///   - work: what it counts as in budgets.
    ///   - isCut: whether a budget cut it short.
    ///   - frame: where the step is.
    /// - Throws: as `AgentActor.perform`, and `LimitSignal` where a budget has nothing left.
    func assign(
        _ task: Assignment.Task, to name: String, _ step: PlanStep, turn: Assignment.Turn = Assignment.Turn(),
        method: Assignment.MethodTask? = nil, timeout: Duration?, as work: Ledger.Work, isCut: Bool = false,
        in frame: inout Frame
    ) async throws {
        if let (limit, account) = frame.ledger.exhausted(for: name, before: work) {
            throw LimitSignal(limit: limit, account: account)
        }
        var assignment = Assignment(
            key: frame.key(step, agent: name), task: task, scope: frame.scope, turn: turn, timeout: timeout,
            isCut: isCut)
        assignment.method = method
        assignment.branch = frame.branch
        assignment.timeLimits = frame.ledger.timeLimits(for: name)
        assignment.after = frame.last
        if assignment.timeout == nil { assignment.timeout = plan.agents[name]?.timeout }
        let result = try await supervisor.perform(assignment, branch: frame.branch)
        frame.ledger.book(result.spending, agent: name)
        frame.scope[step.id] = .message(result.message)
        frame.last = result.message
        if frame.branch.isEmpty { report(.spending(frame.ledger.total, budget: plan.budget)) }
    }

    /// The plan's entry of an agent.
    func agent(_ name: String) throws -> PlanAgent {
        guard let agent = plan.agents[name] else {
            throw WorkFailure(failure: EffectFailure(kind: .badInput, message: "the playbook has no agent \(name)"))
        }
        return agent
    }

    // MARK: - Messages of its own

    /// Posts what steers the run, such as an item of a loop.
    func post(
        _ payload: JSONValue, kind: MessageKind = .control, topic: String, at key: EffectKey, ordinal: Int = 0,
        before: [Event] = [], cause: EventKey? = nil, in frame: inout Frame
    ) async throws -> EventKey {
        let message = message(payload, kind: kind, topic: topic, at: key, ordinal: ordinal)
        try await world.memory.post(
            [message], before: before, details: .emptyObject, cause: cause, after: frame.last)
        frame.last = message.id
        return message.id
    }

    func message(
        _ payload: JSONValue, kind: MessageKind = .control, topic: String, at key: EffectKey, ordinal: Int = 0
    ) -> Message {
        Message(
            id: EventKey(key, .messagePosted, ordinal: ordinal), run: world.run, from: .conductor,
            destination: .topic(topic), kind: kind, payload: payload)
    }

    /// Records a decision.
    ///
    /// - Returns: the decision that holds: a parent's, where the run shares it.
    func decided(
        _ step: PlanStep, in frame: inout Frame, _ payload: JSONValue, ordinal: Int = 0, words: String
    ) async throws -> JSONValue {
        let key = EventKey(frame.key(step), .decided, ordinal: ordinal)
        let inherited = try await recorder.commit(
            [Event(key: key, actor: .conductor, payload: payload)], after: frame.last)
        frame.last = key
        report(.decided(words), at: key.effect)
        return inherited[key] ?? payload
    }

    /// Records that a budget was reached.
    func note(_ limit: LimitReached, at key: EffectKey) async throws {
        try await recorder.commit([
            Event(key: EventKey(key, .limitReached), actor: .conductor, payload: limit.document)
        ])
        report(.limit(limit), at: key)
    }

    func report(_ change: RunUpdate.Change, at key: EffectKey? = nil) {
        world.observer.observe(RunUpdate(run: world.run, effect: key, change: change))
    }

    // MARK: - Expressions

    private func context(
        _ names: [String], in frame: Frame
    ) async throws -> OrderedDictionary<String, TemplateValue> {
        let scope = frame.scope.restricted(to: names)
        return scope.context(try await world.memory.read(scope.messages, as: .conductor), world.values)
    }

    private func evaluating<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw WorkFailure(failure: EffectFailure(error))
        }
    }

    func isTrue(_ expression: PlanExpression, in frame: Frame) async throws -> Bool {
        let context = try await context(expression.names, in: frame)
        return try evaluating { try expression.expression.isTrue(context: context, now: world.date) }
    }

    /// The expression's value; null for what JSON cannot say.
    func evaluate(
        _ expression: PlanExpression, in frame: Frame, with extra: [String: JSONValue] = [:]
    ) async throws -> JSONValue {
        var context = try await context(expression.names, in: frame)
        for (name, value) in extra { context[name] = TemplateValue(value) }
        return try evaluating {
            try expression.expression.evaluate(context: context, now: world.date).json ?? .null
        }
    }

    /// The value with everything in it rendered and evaluated.
    func evaluate(_ value: PlanValue, in frame: Frame) async throws -> JSONValue {
        let context = try await context(value.names, in: frame)
        return try evaluating { try value.evaluate(context, now: world.date) }
    }

    func render(_ text: PlanText, in frame: Frame) async throws -> String {
        let context = try await context(text.names, in: frame)
        return try evaluating { try text.template.render(context: context, now: world.date) }
    }

    /// A number that must be at least `least`.
    func number(_ count: PlanCount, least: Int = 0, of subject: String, in frame: Frame) async throws -> Int {
        switch count {
        case .literal(let value): return value
        case .expression(let expression):
            let value = try await evaluate(expression, in: frame)
            guard let number = value.intValue, number >= least else {
                throw WorkFailure(
                    failure: EffectFailure(
                        kind: .badInput,
                        message: "\(subject): expected an integer of at least \(least), found \(value.canonicalText) "
                            + "from {{ \(expression.source) }}"))
            }
            return number
        }
    }
}
