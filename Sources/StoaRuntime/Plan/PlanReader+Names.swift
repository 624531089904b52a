internal import OrderedCollections
internal import StoaCore

/// Names of what the playbook and its environment define.
extension PlanReader {
    /// The name of an agent with one of some roles; where the key is missing, that of an agent which the plan adds.
    func agent(_ key: String, roles: [AgentRole], implicit: String? = nil) -> String? {
        guard members[key] != nil else { return implicit.flatMap { implicitAgent($0, roles: roles) } }
        guard let name = string(key) else { return nil }
        guard let agent = decoding.agents[name] else {
            if name == implicit { return implicitAgent(name, roles: roles) }
            report(
                "there is no agent \(JSONText.quoted(name))", at: key,
                suggestion: Suggestion.text(for: name, among: decoding.agents.keys)
                    ?? (PlanName.isName(name) ? "define it under 'agents'" : nil))
            return nil
        }
        checkRole(of: agent, roles: roles, at: path[key])
        return name
    }

    private func implicitAgent(_ name: String, roles: [AgentRole]) -> String? {
        if let agent = decoding.agents[name] {
            checkRole(of: agent, roles: roles, at: path)
        } else {
            decoding.agents[name] = PlanAgent(name: name, role: roles.first ?? .solver)
        }
        return name
    }

    private func checkRole(of agent: PlanAgent, roles: [AgentRole], at path: PlanPath) {
        guard !roles.contains(agent.role), !decoding.brokenAgents.contains(agent.name) else { return }
        let allowed = roles.map(\.rawValue).joined(separator: ", ")
        decoding.report(
            "agent '\(agent.name)' has the role \(agent.role.rawValue), which can't do this", at: path,
            suggestion: roles.count == 1 ? "use an agent of role \(allowed)" : "use an agent of role: \(allowed)")
    }

    /// Checks that an agent knows what to do at a step, and may read what it takes.
    ///
    /// - Parameters:
    ///   - name: the agent.
    ///   - key: the key that names it.
    ///   - prompt: what the step asks it.
    ///   - hasPrompt: whether the step has a prompt, though it may be wrong.
    ///   - answers: whether its model answers at the step, with the agent's adapter where the step has none.
    func checkAgent(_ name: String, at key: String, prompt: PlanText?, hasPrompt: Bool, answers: Bool = true) {
        guard let agent = decoding.agents[name] else { return }
        if !hasPrompt, agent.prompt == nil, !decoding.brokenAgents.contains(name) {
            report(
                "agent '\(name)' has no prompt of its own, so the step needs one", at: key,
                suggestion: "add 'prompt' to the step or to agents.\(name)")
        }
        let read = PlanNames.union(agent.system?.names, hasPrompt ? nil : agent.prompt?.names)
        // The conductor reads which adapter it is: an agent need not be granted that.
        let inherited = PlanNames.union(read, answers && !has("adapter") ? agent.adapter?.names : nil)
        // What nothing in the playbook defines has been reported where the agent is.
        let known = inherited.filter { scope.contains($0) || decoding.outline.entries[$0] != nil }
        decoding.check(known, readBy: "agent '\(name)'", in: scope, at: path[key])
        for variable in inherited where decoding.outline.entries[variable] == nil && !scope.contains(variable) {
            guard decoding.outline.variables.contains(variable) else { continue }
            report("agent '\(name)' reads '\(variable)', which only exists inside a loop", at: key)
        }
        checkReads(of: name, read, at: key)
        checkReads(of: name, prompt?.names ?? [], at: "prompt")
    }

    /// Reports what an agent would have to read but may not.
    func checkReads(of agent: String, _ names: [String], at key: String) {
        decoding.checkReads(of: agent, names, in: scope, at: path[key])
    }

    func tool(_ key: String) -> String? {
        guard let name = string(key) else { return nil }
        guard decoding.tools.contains(name) else {
            let isBuiltin = decoding.environment.builtinTools.contains(name)
            report(
                "there is no tool \(JSONText.quoted(name))", at: key,
                suggestion: isBuiltin
                    ? "add it under 'tools': \(name): {use: \(name)}"
                    : Suggestion.text(for: name, among: decoding.tools + decoding.environment.builtinTools)
                        ?? "define it under 'tools'")
            return nil
        }
        return name
    }

    /// The name of a state that tool calls share.
    func sessionName(_ key: String) -> String? {
        guard let name = string(key) else { return nil }
        guard PlanName.isName(name) else {
            report(
                "the session \(JSONText.quoted(name)) is not a letter followed by letters, digits, '_' and '-'", at: key
            )
            return nil
        }
        return name
    }

    func verifier(_ key: String) -> String? { offered(key, decoding.environment.verifiers, what: "verifier") }

    func rule(_ key: String) -> String? { offered(key, decoding.environment.choiceRules, what: "rule") }

    private func offered(_ key: String, _ names: [String], what: String) -> String? {
        guard let name = string(key) else { return nil }
        guard names.contains(name) else {
            report(
                "there is no \(what) \(JSONText.quoted(name))", at: key,
                suggestion: Suggestion.text(for: name, among: names)
                    ?? (names.isEmpty ? nil : "there is " + names.joined(separator: ", ")))
            return nil
        }
        return name
    }

    /// The name of a loop's variable.
    func variable(_ key: String) -> String? {
        guard let name = string(key) else { return nil }
        if name != ChooseVerb.candidateName, let problem = PlanName.problem(of: name, what: "the variable") {
            report(problem.message, at: key, suggestion: problem.suggestion)
            return nil
        }
        if scope.contains(name) || decoding.outline.entries[name] != nil {
            report("the variable '\(name)' has the name of something else", at: key, suggestion: "choose another name")
        }
        return name
    }

    /// The names of steps that leave a latent: of steps before this one, and, in a `repeat`, of any step of its rounds.
    func latentSteps(_ key: String) -> [String] {
        let names = strings(key) ?? []
        for (index, name) in names.enumerated() {
            checkLatent(name, key, at: members[key]?.stringValue == nil ? path[key][index] : path[key])
        }
        return names
    }

    /// The name of one such step.
    func latentStep(_ key: String) -> String? {
        guard let name = string(key) else { return nil }
        checkLatent(name, key, at: path[key])
        return name
    }

    private func checkLatent(_ name: String, _ key: String, at place: PlanPath) {
        guard let entry = decoding.outline.entries[name] else {
            let thoughts = decoding.outline.entries.filter(\.value.leavesLatent).map(\.key)
            decoding.report(
                "there is no step \(JSONText.quoted(name))", at: place,
                suggestion: Suggestion.text(for: name, among: thoughts))
            return
        }
        decoding.check([name], readBy: "'\(key)'", in: scope, at: place)
        guard let keyword = entry.keyword, !entry.leavesLatent else { return }
        let suggestion =
            switch keyword {
            case SayVerb.keyword: "add 'latent: true' to it, or name a 'think' step"
            case ForEachVerb.keyword: "end its 'do' with a 'think' step"
            default: "name a 'think' step"
            }
        decoding.report(
            "step '\(name)' leaves no latent: it is a '\(keyword)' step", at: place, suggestion: suggestion)
    }
}
