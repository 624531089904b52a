internal import OrderedCollections
internal import StoaCore

/// A method with its options as a playbook writes them.
struct MethodPlan: Sendable {
    /// An option's value, written down or to be computed.
    enum Value: Sendable {
        case literal(JSONValue)
        case text(PlanText)
        case count(PlanCount)
        case amount(PlanAmount)
        case word(PlanWord)
        case flag(PlanFlag)
    }

    var type: any Method.Type
    var options: OrderedDictionary<String, Value> = [:]

    /// The texts among the options, which the agent renders.
    var texts: [(key: String, text: PlanText)] {
        options.compactMap { key, value in
            if case .text(let text) = value { (key, text) } else { nil }
        }
    }

    /// The names that the options read.
    var names: [String] {
        options.values.flatMap { value in
            switch value {
            case .literal: [String]()
            case .text(let text): text.names
            case .count(let count): count.names
            case .amount(let amount): amount.names
            case .word(let word): word.names
            case .flag(let flag): flag.names
            }
        }
    }
}

extension PlanReader {
    /// A method by its name, with its options.
    func method(_ key: String, options optionsKey: String) -> MethodPlan? {
        guard let name = string(key) else { return nil }
        let methods = decoding.environment.methods
        guard let type = methods[name] else {
            report(
                "there is no method \(JSONText.quoted(name))", at: key,
                suggestion: Suggestion.text(for: name, among: methods.names)
                    ?? (methods.names.isEmpty ? nil : "there is " + methods.names.joined(separator: ", ")))
            return nil
        }
        guard has(optionsKey) ? mapping(optionsKey) != nil : true else { return nil }
        let reader = PlanReader(
            mapping(optionsKey) ?? [:], at: has(optionsKey) ? path[optionsKey] : path, fields: type.fields,
            scope: scope, what: "method '\(name)'", in: decoding)
        var plan = MethodPlan(type: type)
        var known: JSONValue.Members = [:]
        for field in type.fields where reader.has(field.key) {
            guard let value = reader.option(field) else { continue }
            plan.options[field.key] = value
            known[field.key] = value.literal ?? .null
        }
        for tool in type.tools(known) where !decoding.tools.contains(tool) {
            let place = path[has(optionsKey) ? optionsKey : key]
            decoding.report(
                "method '\(name)' calls the tool '\(tool)', which the playbook does not have", at: place,
                suggestion: "add it under 'tools': \(tool): {use: \(tool)}")
        }
        for problem in type.problems(known) {
            let place = problem.key.map { reader.path[$0] } ?? path[has(optionsKey) ? optionsKey : key]
            decoding.report(problem.message, at: place, suggestion: problem.suggestion)
        }
        return plan
    }

    private func option(_ field: PlanField) -> MethodPlan.Value? {
        switch field.kind {
        case .text: text(field.key).map { .text($0) }
        case .string: string(field.key).map { .literal(.string($0)) }
        case .verifier: verifier(field.key).map { .literal(.string($0)) }
        case .tool: tool(field.key).map { .literal(.string($0)) }
        case .count: count(field.key).map { .count($0) }
        case .amount: amount(field.key).map { .amount($0) }
        case .word: word(field.key).map { .word($0) }
        case .flag: flag(field.key).map { .flag($0) }
        default: preconditionFailure("method option \(field.key): options of this kind can't be read")
        }
    }
}

extension MethodPlan.Value {
    /// The value where it is written down.
    fileprivate var literal: JSONValue? {
        switch self {
        case .literal(let value): value
        case .count(.literal(let count)): .integer(Int64(count))
        case .amount(.literal(let amount)): .number(amount)
        case .word(.literal(let word)): .string(word)
        case .flag(.literal(let flag)): .bool(flag)
        default: nil
        }
    }
}

extension Conductor {
    /// The options of a method but for its texts.
    func options(_ plan: MethodPlan, of step: String, in frame: Frame) async throws -> JSONValue.Members {
        var members: JSONValue.Members = [:]
        for (key, value) in plan.options {
            let subject = "\(step).options.\(key)"
            switch value {
            case .literal(let value): members[key] = value
            case .text: break
            case .count(let count): members[key] = .integer(Int64(try await number(count, of: subject, in: frame)))
            case .amount(let amount):
                members[key] = try await self.amount(amount, of: subject, in: frame).map { .number($0) }
            case .word(let word): members[key] = try await self.word(word, of: subject, in: frame).map { .string($0) }
            case .flag(let flag): members[key] = try await self.flag(flag, of: subject, in: frame).map { .bool($0) }
            }
        }
        return members
    }
}
