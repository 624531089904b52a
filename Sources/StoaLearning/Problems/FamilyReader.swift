internal import OrderedCollections
internal import StoaCore

/// Reads the fields of a family's document.
struct FamilyReader {
    let family: String
    let document: JSONValue
    let words: ProblemWords

    func failure(_ field: String, _ expected: String) -> LearningError {
        LearningError(.invalidFamily, "family \(family): \(field): expected \(expected)")
    }

    func text(_ field: String) throws(LearningError) -> String {
        guard let text = document[field]?.stringValue, !text.isEmpty else { throw failure(field, "a text") }
        return text
    }

    func names(_ field: String) throws(LearningError) -> [String] {
        guard let value = document[field] else { return [] }
        let names = value.arrayValue?.compactMap(\.stringValue)
        guard let names, names.count == value.arrayValue?.count else { throw failure(field, "a list of names") }
        return names
    }

    func program(_ value: JSONValue?, at field: String) throws(LearningError) -> ProblemProgram {
        guard let text = value?.stringValue else { throw failure(field, "a program, found \(value?.text ?? "none")") }
        do {
            return try ProblemProgram(text)
        } catch {
            throw LearningError(.invalidFamily, "family \(family): \(field): \(error.message)")
        }
    }

    func slots() throws(LearningError) -> OrderedDictionary<String, String> {
        let lists = try lists(document["slots"], at: "slots")
        var slots: OrderedDictionary<String, String> = [:]
        for name in document["slots"]?.objectValue?.keys ?? [] { slots[name] = lists[name] }
        return slots
    }

    private func lists(_ value: JSONValue?, at field: String) throws(LearningError) -> [String: String] {
        var lists: [String: String] = [:]
        for (name, value) in value?.objectValue ?? [:] {
            guard let names = value.stringValue, words.entries(names) != nil else {
                throw failure("\(field).\(name)", "names of lists, found \(value.text)")
            }
            lists[name] = names
        }
        return lists
    }

    func quantities() throws(LearningError) -> OrderedDictionary<String, ProblemFamily.Quantity> {
        var quantities: OrderedDictionary<String, ProblemFamily.Quantity> = [:]
        for (name, value) in document["quantities"]?.objectValue ?? [:] {
            let text = value.stringValue ?? ""
            if text.hasPrefix("=") || text.hasPrefix("$=") {
                let isMoney = text.hasPrefix("$")
                let program = try program(.string(String(text.dropFirst(isMoney ? 2 : 1))), at: "quantities.\(name)")
                quantities[name] = .derived(program, isMoney: isMoney)
            } else if let ranges = words.numbers[text] ?? ProblemWords.ranges(text) {
                quantities[name] = .drawn(ranges)
            } else {
                throw failure("quantities.\(name)", "a kind of numbers, ranges or \"= program\", found \(value.text)")
            }
        }
        guard !quantities.isEmpty else { throw failure("quantities", "at least one") }
        return try ordered(quantities)
    }

    /// Quantities in an order in which each follows those it is computed from; otherwise by name.
    ///
    /// What is drawn must not depend on the order of members, which a journal does not keep.
    private func ordered(
        _ quantities: OrderedDictionary<String, ProblemFamily.Quantity>
    ) throws(LearningError) -> OrderedDictionary<String, ProblemFamily.Quantity> {
        var rest = quantities.sorted { $0.key < $1.key }
        var result: OrderedDictionary<String, ProblemFamily.Quantity> = [:]
        while !rest.isEmpty {
            let next = rest.firstIndex { _, quantity in
                guard case .derived(let program, _) = quantity else { return true }
                return program.names.allSatisfy { result[$0] != nil || quantities[$0] == nil }
            }
            guard let next else {
                throw failure("quantities", "no circle, found one of \(rest.map(\.key).joined(separator: ", "))")
            }
            let (name, quantity) = rest.remove(at: next)
            result[name] = quantity
        }
        return result
    }

    func conditions() throws(LearningError) -> [ProblemFamily.Condition] {
        var conditions: [ProblemFamily.Condition] = []
        for text in try names("where") {
            let relation = ProblemFamily.Condition.Relation.allCases.first { text.contains(" \($0.rawValue) ") }
            let sides = relation.map { text.split(separator: " \($0.rawValue) ") } ?? []
            guard let relation, sides.count == 2 else { throw failure("where", "program > program, found \(text)") }
            conditions.append(
                ProblemFamily.Condition(
                    left: try program(.string(String(sides[0])), at: "where"), relation: relation,
                    right: try program(.string(String(sides[1])), at: "where")))
        }
        return conditions
    }

    func wordings(_ common: ProblemProgram) throws(LearningError) -> [ProblemFamily.Wording] {
        var wordings: [ProblemFamily.Wording] = []
        for (index, value) in (document["texts"]?.arrayValue ?? []).enumerated() {
            let place = "texts[\(index)]"
            guard let source = value.stringValue ?? value["text"]?.stringValue else {
                throw failure(place, "a wording, found \(value.text)")
            }
            let own = value["program"]
            let level = value["level"]?.intValue ?? 1
            guard ProblemFamily.levels.contains(level) else { throw failure("\(place).level", "1 to 5") }
            wordings.append(
                ProblemFamily.Wording(
                    text: try wording(source, at: place), level: level,
                    program: own == nil ? common : try program(own, at: "\(place).program"),
                    weight: value["weight"]?.doubleValue ?? 1,
                    slots: try lists(value["slots"], at: "\(place).slots")))
        }
        guard wordings.contains(where: { $0.level == 1 }) else { throw failure("texts", "a wording for level 1") }
        return wordings
    }

    func extras() throws(LearningError) -> [ProblemExtra] {
        var extras: [ProblemExtra] = []
        for (index, value) in (document["extra"]?.arrayValue ?? []).enumerated() {
            extras.append(
                try ProblemExtra(document: value, numbers: words.numbers, at: "family \(family): extra[\(index)]"))
        }
        return extras
    }

    private func wording(_ source: String, at place: String) throws(LearningError) -> ProblemText {
        guard let source = words.expanded(source) else { throw failure(place, "<phrase> of the shared words") }
        do {
            return try ProblemText(source)
        } catch {
            throw LearningError(.invalidFamily, "family \(family): \(place): \(error.message)")
        }
    }
}
