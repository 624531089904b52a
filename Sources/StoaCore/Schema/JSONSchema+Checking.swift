internal import OrderedCollections

extension JSONSchema {
    /// Compares a value with the schema.
    ///
    /// - Parameters:
    ///   - value: any value.
    ///   - name: what the whole value is called in problems.
    /// - Returns: where it is not what the schema says, in the order of the value; empty where it is. A value that would
    ///   take more work than `JSONSchemaLimits` allow has a problem that says so.
    public func problems(of value: JSONValue, named name: String = "$") -> [JSONSchemaProblem] {
        var checker = JSONSchemaChecker(schema: self, root: name)
        let problems = checker.check(value, root, JSONPath(), depth: 0)
        if let excess = checker.excess {
            return [
                JSONSchemaProblem(
                    root: name, path: JSONPath(), expected: "a value that can be checked", found: "one \(excess)")
            ]
        }
        return Array(problems.prefix(JSONSchemaLimits.problems))
    }

    /// Whether a value is what the schema says.
    ///
    /// - Parameter value: any value.
    /// - Returns: whether it has no problem.
    public func accepts(_ value: JSONValue) -> Bool { problems(of: value).isEmpty }
}

/// One comparison of a value with a schema.
private struct JSONSchemaChecker {
    typealias Node = JSONSchema.Node
    typealias Rules = JSONSchema.Rules

    let schema: JSONSchema
    let root: String
    /// Why the comparison was given up; nothing that is found after that counts.
    private(set) var excess: String?
    private var steps = 0

    init(schema: JSONSchema, root: String) {
        self.schema = schema
        self.root = root
    }

    private func problem(_ path: JSONPath, _ expected: String, _ value: JSONValue) -> JSONSchemaProblem {
        JSONSchemaProblem(root: root, path: path, expected: expected, found: value.words)
    }

    /// Counts work; false where there was too much of it.
    private mutating func charge(_ amount: Int = 1) -> Bool {
        steps += amount
        if steps > JSONSchemaLimits.steps, excess == nil {
            excess = "that takes more than \(JSONSchemaLimits.steps) steps"
        }
        return excess == nil
    }

    // MARK: - Values

    mutating func check(_ value: JSONValue, _ node: Node, _ path: JSONPath, depth: Int) -> [JSONSchemaProblem] {
        guard charge() else { return [] }
        guard depth <= JSONSchemaLimits.depth else {
            excess = "that is nested too deep"
            return []
        }
        switch node {
        case .anything: return []
        case .nothing: return [problem(path, "nothing", value)]
        case .rules(let rules): return check(value, rules, path, depth: depth)
        }
    }

    private mutating func check(_ value: JSONValue, _ rules: Rules, _ path: JSONPath, depth: Int) -> [JSONSchemaProblem]
    {
        if let types = rules.types, !types.contains(where: { value.isOf($0) }) {
            // What else is wrong with a value of another type says nothing more.
            return [problem(path, JSONSchema.words(types), value)]
        }
        if let constant = rules.constant, !isEqual(value, constant) { return [problem(path, constant.words, value)] }
        if let choices = rules.choices, !choices.contains(where: { isEqual(value, $0) }) {
            return [problem(path, JSONSchema.words(choices), value)]
        }
        var problems: [JSONSchemaProblem] = []
        switch value {
        case .integer, .number: problems += check(number: value, rules.number, path)
        case .string(let text): problems += check(text, rules.string, path)
        case .array(let elements): problems += check(elements, rules.array, path, depth)
        case .object(let members): problems += check(members, rules.object, path, depth)
        case .null, .bool: break
        }
        if let name = rules.reference, let node = schema.definitions[name] {
            problems += check(value, node, path, depth: depth + 1)
        }
        for node in rules.allOf { problems += check(value, node, path, depth: depth + 1) }
        if let nodes = rules.anyOf { problems += checkAny(value, nodes, path, depth) }
        if let nodes = rules.oneOf { problems += checkOne(value, nodes, path, depth) }
        if let node = rules.not, check(value, node, path, depth: depth + 1).isEmpty {
            problems.append(problem(path, "anything but \(node.words)", value))
        }
        return problems
    }

    // MARK: - Alternatives

    private mutating func checkAny(
        _ value: JSONValue, _ nodes: [Node], _ path: JSONPath, _ depth: Int
    ) -> [JSONSchemaProblem] {
        var failures: [[JSONSchemaProblem]] = []
        for node in nodes {
            let problems = check(value, node, path, depth: depth + 1)
            if problems.isEmpty { return [] }
            failures.append(problems)
        }
        return closest(failures, value, nodes, path)
    }

    private mutating func checkOne(
        _ value: JSONValue, _ nodes: [Node], _ path: JSONPath, _ depth: Int
    ) -> [JSONSchemaProblem] {
        var failures: [[JSONSchemaProblem]] = []
        var accepting: [Int] = []
        for (index, node) in nodes.enumerated() {
            let problems = check(value, node, path, depth: depth + 1)
            if problems.isEmpty { accepting.append(index) } else { failures.append(problems) }
        }
        switch accepting.count {
        case 1: return []
        case 0: return closest(failures, value, nodes, path)
        default:
            let numbers = accepting.map { "\($0 + 1)" }.joined(separator: " and ")
            return [
                problem(path, "exactly one of \(nodes.count) alternatives to fit; \(numbers) do", value)
            ]
        }
    }

    /// The problems of the one alternative that is about values of this kind; otherwise that none fits.
    private func closest(
        _ failures: [[JSONSchemaProblem]], _ value: JSONValue, _ nodes: [Node], _ path: JSONPath
    ) -> [JSONSchemaProblem] {
        let fitting = zip(nodes, failures).filter { isAbout(value, $0.0) }
        if fitting.count == 1 { return fitting[0].1 }
        let words = nodes.map(\.words)
        let isShort = nodes.count <= 4 && !words.contains("another value")
        return [
            problem(
                path, isShort ? words.joined(separator: " or ") : "one of \(nodes.count) alternatives to fit", value)
        ]
    }

    /// Whether a schema is about values of this kind, as far as it says so itself or in what it refers to.
    private func isAbout(_ value: JSONValue, _ node: Node) -> Bool {
        guard case .rules(let rules) = node else { return false }
        if let types = rules.types { return types.contains { value.isOf($0) } }
        if let constant = rules.constant { return constant.kind == value.kind }
        if let choices = rules.choices { return choices.contains { $0.kind == value.kind } }
        guard let name = rules.reference, let other = schema.definitions[name] else { return true }
        // References do not lead back, so this ends.
        return isAbout(value, other)
    }

    // MARK: - Types

    private func check(number value: JSONValue, _ rules: JSONSchema.NumberRules, _ path: JSONPath)
        -> [JSONSchemaProblem]
    {
        guard rules != JSONSchema.NumberRules() else { return [] }
        guard let number = JSONNumber(value) else { return [problem(path, "a number that JSON can say", value)] }
        var problems: [JSONSchemaProblem] = []
        func expect(_ holds: Bool, _ words: String, _ bound: JSONNumber) {
            if !holds { problems.append(problem(path, "\(words) \(bound.value.text)", value)) }
        }
        if let bound = rules.minimum { expect(number >= bound, "at least", bound) }
        if let bound = rules.maximum { expect(number <= bound, "at most", bound) }
        if let bound = rules.exclusiveMinimum { expect(number > bound, "more than", bound) }
        if let bound = rules.exclusiveMaximum { expect(number < bound, "less than", bound) }
        if let divisor = rules.multipleOf { expect(number.isMultiple(of: divisor), "a multiple of", divisor) }
        return problems
    }

    private mutating func check(
        _ text: String, _ rules: JSONSchema.StringRules, _ path: JSONPath
    ) -> [JSONSchemaProblem] {
        guard rules != JSONSchema.StringRules(), charge(text.utf8.count >> 8) else { return [] }
        let count = text.unicodeScalars.count
        var problems: [JSONSchemaProblem] = []
        if let least = rules.minLength, count < least {
            problems.append(problem(path, "at least \(Self.counted(least, "character"))", .string(text)))
        }
        if let most = rules.maxLength, count > most {
            problems.append(problem(path, "at most \(Self.counted(most, "character"))", .string(text)))
        }
        return problems
    }

    private static func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }

    private mutating func check(
        _ elements: [JSONValue], _ rules: JSONSchema.ArrayRules, _ path: JSONPath, _ depth: Int
    ) -> [JSONSchemaProblem] {
        var problems: [JSONSchemaProblem] = []
        if let least = rules.minItems, elements.count < least {
            problems.append(problem(path, "at least \(Self.counted(least, "element"))", .array(elements)))
        }
        if let most = rules.maxItems, elements.count > most {
            problems.append(problem(path, "at most \(Self.counted(most, "element"))", .array(elements)))
        }
        if rules.isUnique, let (first, second) = repetition(in: elements) {
            problems.append(
                problem(path[second], "an element unlike \(path[first].text(from: root))", elements[second]))
        }
        guard !rules.prefix.isEmpty || rules.items != nil else { return problems }
        for (index, element) in elements.enumerated() {
            guard excess == nil, problems.count < JSONSchemaLimits.problems else { break }
            guard let node = index < rules.prefix.count ? rules.prefix[index] : rules.items else { break }
            problems += check(element, node, path[index], depth: depth + 1)
        }
        return problems
    }

    private mutating func check(
        _ members: JSONValue.Members, _ rules: JSONSchema.ObjectRules, _ path: JSONPath, _ depth: Int
    ) -> [JSONSchemaProblem] {
        guard rules != JSONSchema.ObjectRules(), charge(rules.required.count) else { return [] }
        var problems: [JSONSchemaProblem] = []
        for name in rules.required where members[name] == nil {
            let expected = rules.properties[name]?.words ?? "a value"
            problems.append(
                JSONSchemaProblem(root: root, path: path[name], expected: expected, found: "nothing"))
        }
        for (name, value) in members {
            guard excess == nil, problems.count < JSONSchemaLimits.problems else { break }
            if let node = rules.properties[name] {
                problems += check(value, node, path[name], depth: depth + 1)
            } else if case .nothing? = rules.additional {
                let known = rules.properties.keys.prefix(12).joined(separator: ", ")
                let expected = known.isEmpty ? "no members" : "no member of this name (there is \(known))"
                problems.append(problem(path[name], expected, value))
            } else if let node = rules.additional {
                problems += check(value, node, path[name], depth: depth + 1)
            }
        }
        return problems
    }

    // MARK: - Equality

    /// Whether two values are the same for JSON: 1 is 1.0, the order of members says nothing, every byte of a text counts.
    private mutating func isEqual(_ first: JSONValue, _ second: JSONValue) -> Bool {
        switch (first, second) {
        case (.null, .null): return true
        case (.bool(let first), .bool(let second)): return first == second
        case (.integer, .integer), (.integer, .number), (.number, .integer), (.number, .number):
            guard let first = JSONNumber(first), let second = JSONNumber(second) else { return false }
            return first == second
        case (.string(let first), .string(let second)): return first.utf8.elementsEqual(second.utf8)
        case (.array, .array), (.object, .object):
            guard isShallow(first), isShallow(second) else {
                excess = "that is nested too deep"
                return false
            }
            let texts = (first.canonicalText, second.canonicalText)
            return charge((texts.0.utf8.count + texts.1.utf8.count) >> 8) && texts.0.utf8.elementsEqual(texts.1.utf8)
        default: return false
        }
    }

    /// Two equal elements: the places of the first repetition and of what it repeats.
    private mutating func repetition(in elements: [JSONValue]) -> (Int, Int)? {
        var seen: [[UInt8]: Int] = [:]
        for (index, element) in elements.enumerated() {
            guard isShallow(element) else {
                excess = "that is nested too deep"
                return nil
            }
            let text = Array(element.canonicalText.utf8)
            guard charge(1 + text.count >> 8) else { return nil }
            if let first = seen[text] { return (first, index) }
            seen[text] = index
        }
        return nil
    }

    /// Whether a value may be written down without fear for the stack.
    private func isShallow(_ value: JSONValue) -> Bool {
        var level = [value]
        for _ in 0...JSONSchemaLimits.depth {
            level = level.flatMap { value -> [JSONValue] in
                switch value {
                case .array(let elements): elements
                case .object(let members): Array(members.values)
                default: []
                }
            }
            if level.isEmpty { return true }
        }
        return false
    }
}

extension JSONValue {
    /// What kind of value it is; numbers are of one kind.
    fileprivate var kind: Int {
        switch self {
        case .null: 0
        case .bool: 1
        case .integer, .number: 2
        case .string: 3
        case .array: 4
        case .object: 5
        }
    }

    /// Whether the value is of a type; whole numbers are integers however they are written.
    fileprivate func isOf(_ type: JSONSchema.ValueType) -> Bool {
        switch (type, self) {
        case (.null, .null), (.boolean, .bool), (.string, .string), (.array, .array), (.object, .object): true
        case (.number, .integer), (.number, .number): JSONNumber(self) != nil
        case (.integer, .integer), (.integer, .number): JSONNumber(self)?.isWhole ?? false
        default: false
        }
    }
}
