internal import OrderedCollections
internal import StoaCore

/// A pure function of a curriculum as a tool: it reads its arguments, and says what is wrong with them.
protocol CurriculumTool: BuiltinTool {
    /// Its name.
    static var name: String { get }
    /// What it does.
    static var summary: String { get }
    /// Its arguments, by their names, with the JSON Schema of each.
    static var arguments: JSONValue.Members { get }
    /// The arguments that must be given.
    static var required: [String] { get }

    /// Computes.
    ///
    /// - Parameter arguments: the arguments, whose names are known.
    /// - Returns: the value.
    /// - Throws: `LearningError` that says what was expected.
    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue

    /// What a person reads of a value.
    func line(for value: JSONValue) -> String
}

extension CurriculumTool {
    /// The tool with its arguments; calling it twice is as good as once.
    var definition: ToolDefinition {
        ToolDefinition(
            name: Self.name, description: Self.summary,
            parameters: [
                "type": "object", "properties": .object(Self.arguments),
                "required": .array(Self.required.map { .string($0) }), "additionalProperties": false,
            ], isIdempotent: true)
    }

    /// Reads the arguments and computes.
    func call(_ arguments: JSONValue) -> ToolResult {
        do {
            let arguments = try ToolArguments(arguments, names: Array(Self.arguments.keys), required: Self.required)
            let value = try value(of: arguments)
            return ToolResult(status: .ok, value: value, output: line(for: value))
        } catch {
            return ToolResult(status: .failed, output: "\(Self.name): \(error.message)")
        }
    }

    /// The counts of a value, where it has any.
    func line(for value: JSONValue) -> String { (value["counts"] ?? .emptyObject).text }
}

/// The arguments of a call.
struct ToolArguments {
    let members: JSONValue.Members

    init(_ value: JSONValue, names: [String], required: [String]) throws(LearningError) {
        guard let members = value.objectValue else { throw Self.failure("arguments", "an object", value) }
        if let unknown = members.keys.first(where: { !names.contains($0) }) {
            throw LearningError(
                .invalidArgument,
                "arguments: expected \(names.joined(separator: ", ")), found \"\(unknown)\"")
        }
        for name in required where members[name] == nil {
            throw LearningError(.invalidArgument, "arguments: \"\(name)\" is missing")
        }
        self.members = members
    }

    static func failure(_ name: String, _ expected: String, _ found: JSONValue) -> LearningError {
        let text = found.text
        let excerpt = text.count > 60 ? "\(text.prefix(60))…" : text
        return LearningError(.invalidArgument, "\(name): expected \(expected), found \(excerpt)")
    }

    private func given(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    func list(_ name: String) throws(LearningError) -> [JSONValue] {
        guard let value = given(name) else { return [] }
        guard let elements = value.arrayValue else { throw Self.failure(name, "a list", value) }
        return elements
    }

    func number(_ name: String, _ standard: Double, in range: ClosedRange<Double>) throws(LearningError) -> Double {
        guard let value = given(name) else { return standard }
        guard let number = value.doubleValue, range.contains(number) else {
            throw Self.failure(name, "a number of \(range.lowerBound) to \(range.upperBound)", value)
        }
        return number
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(LearningError) -> Int? {
        guard let value = given(name) else { return nil }
        guard let number = value.intValue, range.contains(number) else {
            throw Self.failure(name, "a whole number of \(range.lowerBound) to \(range.upperBound)", value)
        }
        return number
    }

    func text(_ name: String) throws(LearningError) -> String? {
        guard let value = given(name) else { return nil }
        guard let text = value.stringValue else { throw Self.failure(name, "a text", value) }
        return text
    }

    func flag(_ name: String, _ standard: Bool) throws(LearningError) -> Bool {
        guard let value = given(name) else { return standard }
        guard let flag = value.boolValue else { throw Self.failure(name, "true or false", value) }
        return flag
    }

    func choice(_ name: String, _ choices: [String]) throws(LearningError) -> String {
        guard let value = given(name) else { return choices[0] }
        guard let text = value.stringValue, choices.contains(text) else {
            throw Self.failure(name, "one of \(choices.joined(separator: ", "))", value)
        }
        return text
    }

    func strings(_ name: String) throws(LearningError) -> [String] {
        let elements = try list(name)
        let texts = elements.compactMap(\.stringValue)
        guard texts.count == elements.count else { throw Self.failure(name, "a list of texts", .array(elements)) }
        return texts
    }

    /// The stream of a seed: a whole number, or any text.
    func stream(_ name: String = "seed") throws(LearningError) -> RandomStream {
        switch given(name) {
        case nil: return RandomStream(seed: 0)
        case .integer(let number): return RandomStream(seed: UInt64(bitPattern: number))
        case .string(let text): return RandomStream(seed: 0).child(text)
        case .some(let other): throw Self.failure(name, "a whole number or a text", other)
        }
    }

    func utility() throws(LearningError) -> ProblemUtility {
        ProblemUtility(
            target: try number("mu", 0.5, in: 0...1), width: try number("sigma", 0.2, in: 0.001...10))
    }

    func library(_ name: String = "families") throws(LearningError) -> FamilyLibrary {
        try FamilyLibrary(documents: members[name] ?? .null)
    }

    /// Questions, each as a text or as an object that has one.
    func questions(_ name: String) throws(LearningError) -> [String] {
        var questions: [String] = []
        for (index, element) in try list(name).enumerated() {
            guard let question = element.stringValue ?? element["question"]?.stringValue else {
                throw Self.failure("\(name)[\(index)]", "a question", element)
            }
            questions.append(question)
        }
        return questions
    }

    func problems(_ name: String = "problems") throws(LearningError) -> [ProblemRecord] {
        var records: [ProblemRecord] = []
        for (index, element) in try list(name).enumerated() {
            records.append(try ProblemRecord(element, at: "\(name)[\(index)]"))
        }
        return records
    }
}

/// What several tools take.
enum ToolSchema {
    static let families: JSONValue = [
        "type": ["array", "object"],
        "description":
            "documents of problem families, and the one of shared words, as playbooks/socratic-zero/families has them",
    ]
    static let problems: JSONValue = [
        "type": "array", "items": ["type": "object"], "description": "problems, each with its question",
    ]
    static let questions: JSONValue = ["type": "array", "description": "questions, as texts or as problems"]
    static let seed: JSONValue = ["type": ["integer", "string"], "description": "whose chance is drawn on"]
    static let mu: JSONValue = ["type": "number", "description": "the success that is worth most; 0.5"]
    static let sigma: JSONValue = [
        "type": "number", "description": "how far from it a problem is worth something; 0.2",
    ]
    static let prompt: JSONValue = [
        "type": "string",
        "description": "the words that the model is given, with {question}, {failed} and {answer} in them; {question}",
    ]
    static let completion: JSONValue = [
        "type": "string", "description": "how a solution is written, with {program} and {answer} in it; {program}",
    ]
    static let system: JSONValue = ["type": "string", "description": "the system's words before them; none"]

    static func text(_ description: String) -> JSONValue { ["type": "string", "description": .string(description)] }
    static func number(_ description: String) -> JSONValue { ["type": "number", "description": .string(description)] }
    static func integer(_ description: String) -> JSONValue {
        ["type": "integer", "description": .string(description)]
    }
    static func flag(_ description: String) -> JSONValue { ["type": "boolean", "description": .string(description)] }
    static func list(_ description: String) -> JSONValue { ["type": "array", "description": .string(description)] }
    static func choice(_ choices: [String], _ description: String) -> JSONValue {
        ["type": "string", "enum": .array(choices.map { .string($0) }), "description": .string(description)]
    }
}
