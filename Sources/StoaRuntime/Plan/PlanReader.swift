internal import OrderedCollections
internal import StoaCore

/// Reads one mapping of a playbook: gives its values by key and reports everything that is wrong with them.
///
/// A value that is missing or wrong is nil; where that is a problem, it has been reported.
public struct PlanReader {
    let decoding: PlanDecoding
    let path: PlanPath
    let members: JSONValue.Members
    let fields: [PlanField]
    /// What can be read here.
    let scope: PlanScope

    /// Reports unknown and missing keys.
    init(
        _ members: JSONValue.Members, at path: PlanPath, fields: [PlanField], scope: PlanScope, what: String,
        in decoding: PlanDecoding
    ) {
        self.decoding = decoding
        self.path = path
        self.members = members
        self.fields = fields
        self.scope = scope
        let known = fields.map(\.key)
        for key in members.keys where !known.contains(key) {
            decoding.report(
                "\(what) has no key \(JSONText.quoted(key))", at: path[key],
                suggestion: Suggestion.text(for: key, among: known) ?? "known keys: " + known.joined(separator: ", "),
                isAboutKey: true)
        }
        for field in fields where field.isRequired && members[field.key] == nil {
            decoding.report("\(what) needs '\(field.key)': \(field.summary)", at: path)
        }
    }

    /// Whether the key is there, whatever its value.
    func has(_ key: String) -> Bool { members[key] != nil }

    func field(_ key: String) -> PlanField? { fields.first { $0.key == key } }

    func report(_ message: String, at key: String, suggestion: String? = nil) {
        decoding.report(message, at: path[key], suggestion: suggestion)
    }

    /// Reports a value of a wrong type.
    func reportWrong(_ key: String, expected: String, suggestion: String? = nil) {
        let found = members[key].map { JSONText.kind(of: $0) } ?? "nothing"
        report("'\(key)' must be \(expected), found \(found)", at: key, suggestion: suggestion)
    }

    // MARK: - Plain values

    func string(_ key: String) -> String? {
        guard let value = members[key] else { return nil }
        guard let text = value.stringValue else {
            reportWrong(key, expected: "a text", suggestion: quoting(value))
            return nil
        }
        guard text.utf8.count <= PlanLimits.textBytes else {
            report("'\(key)' has \(text.utf8.count) bytes, at most \(PlanLimits.textBytes) are allowed", at: key)
            return nil
        }
        return text
    }

    private func quoting(_ value: JSONValue) -> String? {
        switch value {
        case .bool, .integer, .number: "write it in quotes: \"\(value.text)\""
        default: nil
        }
    }

    func boolean(_ key: String) -> Bool? {
        guard let value = members[key] else { return nil }
        if let value = value.boolValue { return value }
        var suggestion: String?
        if let text = value.stringValue?.lowercased() {
            if ["yes", "on", "y"].contains(text) { suggestion = "write true" }
            if ["no", "off", "n"].contains(text) { suggestion = "write false" }
        }
        reportWrong(key, expected: "true or false", suggestion: suggestion)
        return nil
    }

    func integer(_ key: String) -> Int? {
        guard let value = members[key] else { return nil }
        guard case .integer(let range)? = field(key)?.kind else { return nil }
        return wholeNumber(value, in: range, key)
    }

    func wholeNumber(_ value: JSONValue, in range: ClosedRange<Int>, _ key: String) -> Int? {
        guard let number = value.intValue, range.contains(number) else {
            reportWrong(key, expected: Self.words(for: range))
            return nil
        }
        return number
    }

    static func words(for range: ClosedRange<Int>) -> String {
        if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
        if range.upperBound == .max { return "a whole number of at least \(range.lowerBound)" }
        return "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    func number(_ key: String) -> Double? {
        guard let value = members[key] else { return nil }
        guard case .number(let range, let isOpenBelow)? = field(key)?.kind else { return nil }
        guard let number = value.doubleValue, range.contains(number), !(isOpenBelow && number == range.lowerBound)
        else {
            reportWrong(key, expected: Self.words(for: range, isOpenBelow: isOpenBelow))
            return nil
        }
        return number
    }

    static func words(for range: ClosedRange<Double>, isOpenBelow: Bool = false) -> String {
        guard range.upperBound < .greatestFiniteMagnitude else { return "a number" }
        let bounds = (JSONValue.number(range.lowerBound).text, JSONValue.number(range.upperBound).text)
        return isOpenBelow
            ? "a number above \(bounds.0), up to \(bounds.1)" : "a number from \(bounds.0) to \(bounds.1)"
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let text = choice(key) else { return nil }
        return Choice(rawValue: text)
    }

    func choice(_ key: String) -> String? {
        guard case .choice(let choices)? = field(key)?.kind else { return nil }
        return choice(key, among: choices)
    }

    func choice(_ key: String, among choices: [String]) -> String? {
        guard let value = members[key] else { return nil }
        guard let text = value.stringValue, choices.contains(text) else {
            let suggestion = value.stringValue.flatMap { Suggestion.text(for: $0, among: choices) }
            reportWrong(
                key, expected: choices.count == 1 ? "'\(choices[0])'" : "one of \(choices.joined(separator: ", "))",
                suggestion: suggestion)
            return nil
        }
        return text
    }

    func duration(_ key: String) -> Duration? {
        guard let value = members[key] else { return nil }
        guard let duration = PlanDuration.parse(value) else {
            reportWrong(key, expected: "a length of time such as 500ms, 30s, 2m or 1h, or a number of seconds")
            return nil
        }
        return duration
    }

    /// A list of texts; one text stands for a list of one.
    func strings(_ key: String) -> [String]? {
        guard let value = members[key] else { return nil }
        if let text = value.stringValue { return [text] }
        guard let elements = value.arrayValue, elements.count <= PlanLimits.entries else {
            reportWrong(key, expected: "a list of texts")
            return nil
        }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            if let text = element.stringValue {
                texts.append(text)
            } else {
                decoding.report(
                    "'\(key)' must hold texts, found \(JSONText.kind(of: element))", at: path[key][index],
                    suggestion: quoting(element))
            }
        }
        return texts
    }

    /// A mapping inside this one; nil where it is missing or none.
    func mapping(_ key: String) -> JSONValue.Members? {
        guard let value = members[key] else { return nil }
        guard let members = value.objectValue else {
            reportWrong(key, expected: "a mapping")
            return nil
        }
        return members
    }

    func sampling() -> SamplingOverrides {
        var sampling = SamplingOverrides()
        sampling.temperature = number("temperature")
        if let temperature = sampling.temperature, temperature > 0, temperature < 1e-4 {
            reportWrong("temperature", expected: "0 (greedy) or a number from 0.0001 to 100")
            sampling.temperature = nil
        }
        sampling.topK = integer("top_k")
        sampling.topP = number("top_p")
        sampling.minP = number("min_p")
        sampling.repetitionPenalty = number("repetition_penalty")
        sampling.presencePenalty = number("presence_penalty")
        sampling.frequencyPenalty = number("frequency_penalty")
        return sampling
    }

    func budget(_ key: String) -> Budget {
        guard let members = mapping(key) else { return Budget() }
        let reader = PlanReader(
            members, at: path[key], fields: PlanFields.budget, scope: scope, what: "a budget", in: decoding)
        var budget = Budget()
        budget.tokens = reader.integer("tokens")
        budget.prefillTokens = reader.integer("prefill_tokens")
        budget.latentSteps = reader.integer("latent_steps")
        budget.decodedTokens = reader.integer("decoded_tokens")
        budget.wallTime = reader.duration("wall_time")
        budget.workingTime = reader.duration("working_time")
        budget.turns = reader.integer("turns")
        budget.toolCalls = reader.integer("tool_calls")
        budget.money = reader.number("money")
        return budget
    }
}
