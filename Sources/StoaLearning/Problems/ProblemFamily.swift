internal import OrderedCollections
public import StoaCore

/// A family of word problems: wordings, what can stand in them, and the program that their answer comes from.
///
/// The document:
///
///     name: separate-result
///     about: somebody has some, and some of them go
///     weight: 2
///     slots: {A: people, item: toys fruit}
///     quantities: {a: count, b: count, d: "2..9, 3..30"}
///     where: [a > b]
///     program: a - b
///     contrast: [join-result]
///     harder: [separate-twice]
///     texts:
///       - "{A} has {a item}. {A.He} loses {b}. How many {item} does {A.he} have left?"
///       - {level: 3, program: a - b - c, slots: {item: fruit}, text: "…"}
///     extra:
///       - "{A} also has {d} stickers."
///
/// A quantity is a kind of numbers of the shared words, ranges of its own, or `= program` over other quantities.
public struct ProblemFamily: Sendable, Hashable {
    /// A quantity of a problem.
    enum Quantity: Sendable, Hashable {
        /// Drawn from the range of the level.
        case drawn([NumberRange])
        /// Computed from others.
        case derived(ProblemProgram, isMoney: Bool)
    }

    /// What has to hold between quantities.
    struct Condition: Sendable, Hashable {
        enum Relation: String, Sendable, Hashable, CaseIterable {
            case atLeast = ">="
            case atMost = "<="
            case differs = "!="
            case more = ">"
            case less = "<"
        }

        var left: ProblemProgram
        var relation: Relation
        var right: ProblemProgram

        func holds(for values: [String: Fraction]) -> Bool {
            guard let left = left.value(of: values), let right = right.value(of: values) else { return false }
            switch relation {
            case .atLeast: return left >= right
            case .atMost: return left <= right
            case .differs: return left != right
            case .more: return left > right
            case .less: return left < right
            }
        }
    }

    /// One way of putting the problem into words.
    struct Wording: Sendable, Hashable {
        var text: ProblemText
        /// The first level that it is drawn for.
        var level: Int
        var program: ProblemProgram
        /// How often it is drawn, among the others.
        var weight: Double
        /// Lists for slots that only fit this wording.
        var slots: [String: String]
    }

    /// Its name.
    public let name: String
    /// What happens in its problems.
    public let about: String
    /// How often it is drawn where nothing is known of a solver.
    public let weight: Double
    /// Families that look alike and ask for another operation.
    public let contrast: [String]
    /// Families that go a step further.
    public let harder: [String]
    /// What its problems' answer comes from, unless a wording says otherwise.
    public let program: ProblemProgram
    let slots: OrderedDictionary<String, String>
    let quantities: OrderedDictionary<String, Quantity>
    let conditions: [Condition]
    let wordings: [Wording]
    let extras: [ProblemExtra]
    /// Whether sentences of the shared words may be put into it.
    let takesSharedExtras: Bool

    /// Levels of difficulty: bigger numbers, decimals, sentences that say something else.
    public static let levels = 1...5
}

extension ProblemFamily {
    /// Reads a family's document.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - words: the shared words.
    /// - Throws: `LearningError.invalidFamily` that names family and field.
    public init(document: JSONValue, words: ProblemWords) throws(LearningError) {
        guard let name = document["name"]?.stringValue, !name.isEmpty else {
            throw LearningError(.invalidFamily, "family: expected a name, found \(document["name"]?.text ?? "none")")
        }
        let reader = FamilyReader(family: name, document: document, words: words)
        self.name = name
        about = try reader.text("about")
        weight = document["weight"]?.doubleValue ?? 1
        contrast = try reader.names("contrast")
        harder = try reader.names("harder")
        program = try reader.program(document["program"], at: "program")
        slots = try reader.slots()
        quantities = try reader.quantities()
        conditions = try reader.conditions()
        wordings = try reader.wordings(program)
        extras = try reader.extras()
        takesSharedExtras = document["extras"]?.boolValue ?? true
        guard weight >= 0, weight.isFinite else { throw reader.failure("weight", "a number from 0 on") }
        try check(reader)
    }

    /// Everything that a wording names is there, and everything that its program reads stands in it.
    private func check(_ reader: FamilyReader) throws(LearningError) {
        for (index, wording) in wordings.enumerated() {
            let place = "texts[\(index)]"
            try check(wording.text, at: place, reader, own: wording.slots)
            for name in wording.program.names where !wording.text.certainQuantities.contains(name) {
                throw reader.failure(place, "the quantity {\(name)}, which the program reads")
            }
        }
        for (index, extra) in extras.enumerated() {
            try check(extra.text, at: "extra[\(index)]", reader, beside: extra)
        }
    }

    private func check(
        _ text: ProblemText, at place: String, _ reader: FamilyReader, beside extra: ProblemExtra? = nil,
        own: [String: String] = [:]
    ) throws(LearningError) {
        func isQuantity(_ name: String) -> Bool { quantities[name] != nil || extra?.quantities[name] != nil }
        func lists(_ name: String) -> String? { own[name] ?? slots[name] ?? extra?.slots[name] }
        for name in text.names where !isQuantity(name) && lists(name) == nil {
            throw reader.failure(place, "a quantity or a slot of the family, found {\(name)}")
        }
        for slot in text.slots {
            guard let lists = lists(slot.name), let entries = reader.words.entries(lists) else {
                throw reader.failure(place, "a slot, found the quantity {\(slot.name)}")
            }
            if let count = slot.count, !isQuantity(count) { throw reader.failure(place, "a quantity, found \(count)") }
            let path = slot.path.map { $0.lowercased() }
            for entry in entries where entry.text(path, isOne: slot.count == nil ? nil : false) == nil {
                throw reader.failure(
                    place, "a form of \(entry.key), found {\(([slot.name] + slot.path).joined(separator: "."))}")
            }
        }
    }
}
