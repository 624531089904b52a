internal import OrderedCollections
internal import StoaCore

/// The parameters of a playbook.
extension PlanReader {
    func parameters(_ key: String) -> [PlanParameter] {
        entries(key, what: "a parameter").map { name, reader in
            if let problem = PlanName.problem(of: name, what: "the parameter") {
                decoding.report(
                    problem.message, at: reader.path, suggestion: problem.suggestion, isAboutKey: true)
            }
            return reader.parameter(named: name)
        }
    }

    private func parameter(named name: String) -> PlanParameter {
        let type = choice("type", PlanParameter.ValueType.self)
        var parameter = PlanParameter(
            name: name, type: type ?? .string, summary: string("description") ?? "", fallback: nil, choices: [],
            minimum: number("minimum"), maximum: number("maximum"))
        guard let type else { return parameter }
        checkBounds(parameter)
        for (index, choice) in (list("choices") ?? []).enumerated() {
            if let value = type.accepted(choice) {
                parameter.choices.append(value)
            } else {
                decoding.report(
                    "a choice must be \(type.words), found \(JSONText.kind(of: choice))", at: path["choices"][index])
            }
        }
        if let fallback = members["default"] {
            parameter.fallback = fallback
            if let problem = parameter.problem(of: fallback) { report("'default' \(problem)", at: "default") }
            parameter.fallback = type.accepted(fallback) ?? fallback
        }
        return parameter
    }

    private func checkBounds(_ parameter: PlanParameter) {
        if let minimum = parameter.minimum, let maximum = parameter.maximum, minimum > maximum {
            report("'minimum' is above 'maximum'", at: "minimum")
        }
        guard ![.integer, .number].contains(parameter.type) else { return }
        for key in ["minimum", "maximum"] where has(key) {
            report(
                "'\(key)' needs a parameter of type integer or number, this one is \(parameter.type.rawValue)",
                at: key)
        }
    }

    private func list(_ key: String) -> [JSONValue]? {
        guard let value = members[key] else { return nil }
        guard let elements = value.arrayValue, !elements.isEmpty else {
            reportWrong(key, expected: "a list of at least one value")
            return nil
        }
        return elements
    }
}
