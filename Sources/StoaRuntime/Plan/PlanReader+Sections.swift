internal import OrderedCollections
internal import StoaCore

/// The sections before the steps.
extension PlanReader {
    // MARK: - Models

    /// The models; `default` is always among them.
    func models(_ key: String) -> OrderedDictionary<String, PlanModel> {
        var models: OrderedDictionary<String, PlanModel> = [:]
        for (name, reader) in entries(key, what: "a model", shorthand: "use") {
            reader.checkName(of: "the model")
            models[name] = reader.model()
        }
        if models["default"] == nil { models["default"] = PlanModel(use: "default") }
        return models
    }

    private func model() -> PlanModel {
        var model = PlanModel(use: string("use") ?? "default")
        if model.use.isEmpty { reportWrong("use", expected: "a model's name") }
        model.precision = choice("precision")
        if let members = mapping("price") {
            let price = PlanReader(
                members, at: path["price"], fields: PlanFields.price, scope: scope, what: "a price", in: decoding)
            model.inputPrice = price.number("input") ?? 0
            model.outputPrice = price.number("output") ?? 0
        }
        return model
    }

    // MARK: - Agents

    /// Reads the agents into what is known of the playbook.
    func readAgents(_ key: String) {
        for name in members[key]?.objectValue?.keys ?? [] {
            // Also those that can't be read, so that steps with them are not reported too.
            decoding.agents[name] = PlanAgent(name: name, role: .solver)
            decoding.brokenAgents.insert(name)
        }
        for (name, reader) in entries(key, what: "an agent") {
            reader.checkName(of: "the agent")
            let problems = decoding.problems.count
            decoding.agents[name] = reader.agent(named: name)
            if decoding.problems.count == problems { decoding.brokenAgents.remove(name) }
        }
    }

    private func agent(named name: String) -> PlanAgent {
        var agent = PlanAgent(name: name, role: choice("role", AgentRole.self) ?? .solver)
        _ = string("description")
        if let model = string("model") {
            if !decoding.models.contains(model) {
                report(
                    "there is no model \(JSONText.quoted(model))", at: "model",
                    suggestion: Suggestion.text(for: model, among: decoding.models) ?? "define it under 'models'")
            }
            agent.model = model
        }
        agent.adapter = agentText("adapter")
        agent.system = agentText("system")
        agent.prompt = agentText("prompt")
        agent.sampling = sampling().applied(to: .greedy)
        agent.maximumTokens = integer("max_tokens") ?? agent.maximumTokens
        agent.stop = strings("stop") ?? []
        agent.reads = reads()
        agent.memory = choice("memory", PlanAgent.Memory.self) ?? .none
        agent.restarts = integer("restarts") ?? agent.restarts
        agent.timeout = duration("timeout")
        agent.budget = budget("budget")
        return agent
    }

    /// A text that reads what the step sees in which it is used; here it is only checked that there is such a thing.
    private func agentText(_ key: String) -> PlanText? {
        guard let text = uncheckedText(key) else { return nil }
        let known = decoding.outline.variables.union(decoding.outline.entries.keys)
        decoding.check(
            text.names.filter { !known.contains($0) }, readBy: "'\(key)'",
            in: scope.adding(steps: decoding.outline.entries.keys), at: path[key], place: text.place(of:))
        return text
    }

    private func reads() -> [String]? {
        guard let names = strings("reads") else { return nil }
        for (index, name) in names.enumerated() {
            guard decoding.outline.entries[name] == nil, !decoding.parameters.contains(name) else { continue }
            let isList = members["reads"]?.arrayValue != nil
            decoding.report(
                "'reads' lists '\(name)', which is no parameter and no step",
                at: isList ? path["reads"][index] : path["reads"],
                suggestion: Suggestion.text(for: name, among: decoding.parameters + decoding.outline.entries.keys))
        }
        return names
    }

    /// Checks the name of the entry that is read.
    func checkName(of what: String) {
        guard case .key(let name)? = path.components.last, !PlanName.isName(name) else { return }
        decoding.report(
            "\(what)'s name \(JSONText.quoted(name)) is not a letter followed by letters, digits, '_' and '-'",
            at: path, isAboutKey: true)
    }
}

extension PlanModel {
    /// A model without a price.
    init(use: String) { self.init(use: use, precision: nil, inputPrice: 0, outputPrice: 0) }
}

extension PlanAgent {
    /// An agent with what a playbook need not say.
    init(name: String, role: AgentRole) {
        self.init(
            name: name, role: role, model: "default", system: nil, prompt: nil, sampling: .greedy, maximumTokens: 256,
            stop: [], reads: nil, memory: .none, restarts: 1, timeout: nil, budget: Budget())
    }
}
