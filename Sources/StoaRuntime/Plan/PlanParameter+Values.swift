public import OrderedCollections
public import StoaCore

/// Values for parameters.
extension PlanParameter.ValueType {
    /// The type in words.
    package var words: String {
        switch self {
        case .string: "a text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .array: "a list"
        case .object: "a mapping"
        case .records: "a list of mappings"
        }
    }

    /// What JSON of this type looks like, where that needs saying.
    var example: String? {
        switch self {
        case .array: "[…]"
        case .object: "{…}"
        case .records: "[{…}, …]"
        case .string, .integer, .number, .boolean: nil
        }
    }

    /// A value of this type in the form it is kept in; nil where it is of another.
    func accepted(_ value: JSONValue) -> JSONValue? {
        switch (self, value) {
        case (.string, .string), (.boolean, .bool), (.array, .array), (.object, .object), (.integer, .integer),
            (.number, .integer):
            value
        case (.number, .number(let number)) where number.isFinite: value
        case (.records, .array(let elements)): elements.allSatisfy { $0.objectValue != nil } ? value : nil
        case (.integer, .number): value.intValue.map { .integer(Int64($0)) }
        default: nil
        }
    }
}

extension PlanParameter {
    /// What is wrong with a value, to be put after its name; nil for nothing.
    func problem(of value: JSONValue) -> String? {
        guard let accepted = type.accepted(value) else {
            if type == .records, let elements = value.arrayValue,
                let index = elements.firstIndex(where: { $0.objectValue == nil })
            {
                return "must be \(type.words), element \(index) is \(JSONText.kind(of: elements[index]))"
            }
            return "must be \(type.words), found \(JSONText.kind(of: value))"
        }
        if !choices.isEmpty, !choices.contains(accepted) {
            return "must be one of \(choices.map(\.text).joined(separator: ", ")), found \(accepted.text)"
        }
        guard let number = accepted.doubleValue else { return nil }
        if let minimum, number < minimum { return "must be at least \(Self.text(minimum)), found \(accepted.text)" }
        if let maximum, number > maximum { return "must be at most \(Self.text(maximum)), found \(accepted.text)" }
        return nil
    }

    private static func text(_ number: Double) -> String { JSONValue.number(number).text }

    /// Reads a value as the command line gives it.
    ///
    /// Records are read from files by whoever reads files; here they are JSON.
    ///
    /// - Parameter text: the text after `name=`: for strings the text itself, for everything else JSON.
    /// - Returns: the value; its bounds are not checked.
    /// - Throws: `ParameterError` for a text that is no value of the type.
    public func parse(_ text: String) throws(ParameterError) -> JSONValue {
        if type == .string { return .string(text) }
        guard let value = try? JSONParser.parse(text), let accepted = type.accepted(value) else {
            throw ParameterError(
                message: "parameter '\(name)' must be \(type.words), found \(JSONText.quoted(text))",
                hint: type.example.map { "write JSON: \($0)" })
        }
        return accepted
    }
}

extension Plan {
    /// Checks the values given for a run, and adds the defaults.
    ///
    /// - Parameter given: values by the names of parameters.
    /// - Returns: a value for every parameter, in the order of the playbook.
    /// - Throws: `ParameterError` for an unknown or missing one, and for a value that is not allowed.
    public func checkParameters(_ given: JSONValue.Members) throws(ParameterError) -> JSONValue.Members {
        let known = parameters.map(\.name)
        for name in given.keys where !known.contains(name) {
            throw ParameterError(
                message: "playbook '\(self.name)' has no parameter '\(name)'",
                hint: Suggestion.text(for: name, among: known)
                    ?? (known.isEmpty ? "it has none" : "it has " + known.joined(separator: ", ")))
        }
        var values: JSONValue.Members = [:]
        for parameter in parameters {
            guard let value = given[parameter.name] ?? parameter.fallback else {
                throw ParameterError(
                    message: "playbook '\(name)' needs the parameter '\(parameter.name)'"
                        + (parameter.summary.isEmpty ? "" : ": \(parameter.summary)"),
                    hint: "give it with -P \(parameter.name)=…")
            }
            if let problem = parameter.problem(of: value) {
                throw ParameterError(message: "parameter '\(parameter.name)' \(problem)", hint: nil)
            }
            values[parameter.name] = parameter.type.accepted(value) ?? value
        }
        return values
    }
}

/// A parameter that is missing, unknown or out of range.
public struct ParameterError: StoaError, Hashable {
    /// What is wrong.
    public let message: String
    /// What to do.
    public let hint: String?
    /// Always a matter of usage.
    public var kind: FailureKind { .usage }

    init(message: String, hint: String?) {
        self.message = message
        self.hint = hint
    }
}
