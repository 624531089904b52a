internal import StoaCore

/// What may still be spent, and what was.
///
/// It is a value that goes with the steps: concurrent branches get equal shares of what is left and give back what they
/// did not use. So whether a branch reaches a limit never depends on how fast the others are.
struct Ledger: Sendable {
    /// A budget in force, and what was spent on it.
    struct Account: Sendable {
        var scope: String
        var budget: Budget
        var spent = Spending()
        /// The clock's time from which wall time counts.
        var start: Duration
    }

    /// The accounts of the run and of the steps around, outermost first.
    private(set) var accounts: [Account]
    /// An account for each agent.
    private(set) var agents: [String: Account]

    init(budget: Budget, agents budgets: [(name: String, budget: Budget)], start: Duration) {
        accounts = [Account(scope: "run", budget: budget, start: start)]
        agents = [:]
        for (name, budget) in budgets { agents[name] = Account(scope: "agent \(name)", budget: budget, start: start) }
    }

    /// What the whole run has spent.
    var total: Spending { accounts[0].spent }

    /// Opens the account of a step.
    mutating func open(_ budget: Budget, scope: String, at now: Duration) {
        accounts.append(Account(scope: scope, budget: budget, start: now))
    }

    /// Closes the account opened last; what was spent is on the ones around it already.
    mutating func close() { accounts.removeLast() }

    /// Books spending of an agent on all accounts.
    mutating func book(_ spending: Spending, agent: String) {
        for index in accounts.indices { accounts[index].spent += spending }
        agents[agent]?.spent += spending
    }

    private func accounts(for agent: String) -> [Account] { accounts + [agents[agent]].compactMap { $0 } }

    /// The limit that forbids an agent another piece of work; nil where all have something left.
    ///
    /// - Parameters:
    ///   - agent: the agent.
    ///   - work: what it is about to do.
    /// - Returns: the limit and the index of its account; the index after the last is the agent's.
    func exhausted(for agent: String, before work: Work) -> (limit: LimitReached, account: Int)? {
        for (index, account) in accounts(for: agent).enumerated() {
            for (name, allowed, spent) in account.counts(for: work) {
                if let allowed, spent >= allowed {
                    return (
                        LimitReached(limit: name, allowed: allowed, spent: spent, scope: account.scope), index
                    )
                }
            }
        }
        return nil
    }

    /// The most tokens that may still be decoded; nil for no limit.
    func decodable(for agent: String) -> Int? {
        accounts(for: agent).flatMap { account in
            [
                account.budget.decodedTokens.map { $0 - account.spent.usage.decodedTokens },
                account.budget.tokens.map { $0 - account.spent.usage.total },
            ].compactMap { $0 }
        }
        .min()
    }

    /// The limit that leaves the fewest tokens to decode.
    func shortage(for agent: String) -> LimitReached {
        let limits = accounts(for: agent).flatMap { account in
            [
                ("decoded_tokens", account.budget.decodedTokens, account.spent.usage.decodedTokens, account.scope),
                ("tokens", account.budget.tokens, account.spent.usage.total, account.scope),
            ]
        }
        let found = limits.compactMap { name, allowed, spent, scope in allowed.map { (name, $0, spent, scope) } }
            .min { $0.1 - $0.2 < $1.1 - $1.2 }
        return LimitReached(
            limit: found?.0 ?? "decoded_tokens", allowed: Double(found?.1 ?? 0), spent: Double(found?.2 ?? 0),
            scope: found?.3 ?? "run")
    }

    /// The most latent steps that may still be taken; nil for no limit.
    func thinkable(for agent: String) -> Int? {
        accounts(for: agent).flatMap { account in
            [
                account.budget.latentSteps.map { $0 - account.spent.usage.latentSteps },
                account.budget.tokens.map { $0 - account.spent.usage.total },
            ].compactMap { $0 }
        }
        .min()
    }

    /// The limits of time in force, to be looked at when an effect really begins.
    func timeLimits(for agent: String) -> [TimeLimit] {
        accounts(for: agent).enumerated().flatMap { index, account -> [TimeLimit] in
            var limits: [TimeLimit] = []
            if let allowed = account.budget.wallTime {
                limits.append(
                    TimeLimit(
                        limit: "wall_time", allowed: allowed, spentBefore: .zero, since: account.start,
                        scope: account.scope, account: index))
            }
            if let allowed = account.budget.workingTime {
                limits.append(
                    TimeLimit(
                        limit: "working_time", allowed: allowed, spentBefore: account.spent.workingTime, since: nil,
                        scope: account.scope, account: index))
            }
            return limits
        }
    }

    /// The share of one of `count` branches: an equal part of what is left.
    func share(of count: Int) -> Ledger {
        var share = self
        for index in share.accounts.indices { share.accounts[index].divide(count) }
        for name in share.agents.keys { share.agents[name]?.divide(count) }
        return share
    }

    /// Takes back what a branch spent.
    mutating func absorb(_ branch: Ledger) {
        for index in accounts.indices { accounts[index].spent += branch.accounts[index].spent }
        for (name, account) in branch.agents { agents[name]?.spent += account.spent }
    }

    /// What an agent is about to do.
    enum Work: Sendable {
        case say, think, call, other
        /// To have a model read, and no more.
        case read
    }
}

extension Ledger.Account {
    /// The counted limits that a piece of work has to do with: name, allowed, spent.
    fileprivate func counts(for work: Ledger.Work) -> [(String, Double?, Double)] {
        let model: [(String, Double?, Double)] = [
            ("turns", budget.turns.map(Double.init), Double(spent.turns)),
            ("prefill_tokens", budget.prefillTokens.map(Double.init), Double(spent.usage.prefillTokens)),
            ("tokens", budget.tokens.map(Double.init), Double(spent.usage.total)),
            ("money", budget.money, spent.money),
        ]
        switch work {
        case .say:
            return model + [
                ("decoded_tokens", budget.decodedTokens.map(Double.init), Double(spent.usage.decodedTokens))
            ]
        case .think:
            return model + [("latent_steps", budget.latentSteps.map(Double.init), Double(spent.usage.latentSteps))]
        case .read: return model
        case .call: return [("tool_calls", budget.toolCalls.map(Double.init), Double(spent.toolCalls))]
        case .other: return []
        }
    }

    fileprivate mutating func divide(_ count: Int) {
        func part(_ allowed: Int?, _ spent: Int) -> Int? { allowed.map { max(0, $0 - spent) / count } }
        budget.prefillTokens = part(budget.prefillTokens, spent.usage.prefillTokens)
        budget.latentSteps = part(budget.latentSteps, spent.usage.latentSteps)
        budget.decodedTokens = part(budget.decodedTokens, spent.usage.decodedTokens)
        budget.tokens = part(budget.tokens, spent.usage.total)
        budget.turns = part(budget.turns, spent.turns)
        budget.toolCalls = part(budget.toolCalls, spent.toolCalls)
        budget.money = budget.money.map { max(0, $0 - spent.money) / Double(count) }
        budget.workingTime = budget.workingTime.map { max(.zero, $0 - spent.workingTime) / count }
        spent = Spending()
    }
}

/// A limit of time in force.
struct TimeLimit: Sendable {
    var limit: String
    var allowed: Duration
    var spentBefore: Duration
    /// The clock's time from which it counts; nil for time in which models and tools worked.
    var since: Duration?
    var scope: String
    /// The index of its account in the ledger.
    var account: Int

    /// The limit, where it is reached.
    func reached(at now: Duration) -> LimitReached? {
        let spent = since.map { now - $0 } ?? spentBefore
        guard spent >= allowed else { return nil }
        return LimitReached(
            limit: limit, allowed: allowed / .seconds(1), spent: spent / .seconds(1), scope: scope)
    }
}

/// A limit that was reached: unwinds to the step, or to the run, whose budget it is.
struct LimitSignal: Error, Sendable {
    var limit: LimitReached
    /// The index of the account; one past the accounts of the steps around is an agent's, which ends the run.
    var account: Int
}
