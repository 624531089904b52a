internal import StoaCore

/// The wording of a problem: words, choices and slots.
///
///     {A} [has|owns] {a item}. {A.He} [buys|finds] {b} more {item}. How many {item} does {A.he} have [now|in all]?
///
/// | written | is |
/// |---|---|
/// | `[x|y|]` | one of these, drawn; choices may stand in choices |
/// | `[v~x|y]` | the same place in all choices that are called v: `[v~found|made]` … `[v~find|make]` |
/// | `{a}` | a quantity in digits |
/// | `{item}` | a slot: of things the plural, of somebody the name |
/// | `{item.one}`, `{item.a}`, `{A.his}` | another form of it; `{pair.part.many}` of one of the words that belong together |
/// | `{a item}` | a quantity and its things: 3 apples, 1 apple |
/// | `{item@a}` | the things in the number that a quantity has |
/// | `{a =inch}` | a quantity and a noun that is no slot: 3 inches |
///
/// Sentences begin with capitals without being told to.
struct ProblemText: Sendable, Hashable {
    indirect enum Piece: Sendable, Hashable {
        case words(String)
        case quantity(String)
        case slot(Slot)
        case noun(WordEntry.Noun, count: String)
        case choice([[Piece]], name: String?)
    }

    struct Slot: Sendable, Hashable {
        var name: String
        var path: [String]
        /// The quantity whose number decides between one and several.
        var count: String?
    }

    let source: String
    let pieces: [Piece]

    /// Reads a wording.
    ///
    /// - Throws: `LearningError.invalidFamily` that says what was expected, without a place.
    init(_ source: String) throws(LearningError) {
        self.source = source
        var reader = Reader(text: Array(source))
        pieces = try reader.sequence(isNested: false)
    }

    /// Names of quantities and of slots, in the order in which they come first.
    var names: [String] {
        var names: [String] = []
        Self.visit(pieces) { piece in
            switch piece {
            case .quantity(let name): if !names.contains(name) { names.append(name) }
            case .slot(let slot):
                for name in [slot.name] + (slot.count.map { [$0] } ?? []) where !names.contains(name) {
                    names.append(name)
                }
            case .words, .noun, .choice: break
            }
        }
        return names
    }

    /// Slots, with the forms that are asked of them.
    var slots: [Slot] {
        var slots: [Slot] = []
        Self.visit(pieces) { if case .slot(let slot) = $0, !slots.contains(slot) { slots.append(slot) } }
        return slots
    }

    /// Quantities that stand in it whatever is chosen.
    var certainQuantities: Set<String> { Self.certain(pieces) }

    private static func certain(_ pieces: [Piece]) -> Set<String> {
        var found: Set<String> = []
        for piece in pieces {
            switch piece {
            case .quantity(let name): found.insert(name)
            case .choice(let options, _):
                guard let first = options.first else { continue }
                found.formUnion(options.dropFirst().reduce(certain(first)) { $0.intersection(certain($1)) })
            case .words, .slot, .noun: continue
            }
        }
        return found
    }

    private static func visit(_ pieces: [Piece], _ body: (Piece) -> Void) {
        for piece in pieces {
            body(piece)
            if case .choice(let options, _) = piece { for option in options { visit(option, body) } }
        }
    }

    // MARK: - Reading

    private struct Reader {
        let text: [Character]
        var position = 0

        mutating func sequence(isNested: Bool) throws(LearningError) -> [Piece] {
            var pieces: [Piece] = []
            var words = ""
            func flushed(_ pieces: [Piece], _ words: String) -> [Piece] {
                words.isEmpty ? pieces : pieces + [.words(words)]
            }
            while position < text.count {
                let character = text[position]
                switch character {
                case "|" where isNested, "]" where isNested: return flushed(pieces, words)
                case "]", "}": throw failure("no \"\(character)\" without its beginning")
                case "[", "{":
                    pieces = flushed(pieces, words)
                    words = ""
                    position += 1
                    pieces += character == "[" ? [try choice()] : try slot()
                default:
                    words.append(character)
                    position += 1
                }
            }
            guard !isNested else { throw failure("\"]\" before the end") }
            return flushed(pieces, words)
        }

        private mutating func choice() throws(LearningError) -> Piece {
            var options: [[Piece]] = []
            let name = text[position...].prefix { $0.isASCII && $0.isLetter }
            let isNamed = !name.isEmpty && name.endIndex < text.count && text[name.endIndex] == "~"
            if isNamed { position = name.endIndex + 1 }
            while true {
                options.append(try sequence(isNested: true))
                let character = text[position]
                position += 1
                if character == "]" { return .choice(options, name: isNamed ? String(name) : nil) }
            }
        }

        private mutating func slot() throws(LearningError) -> [Piece] {
            guard let end = text[position...].firstIndex(of: "}") else { throw failure("\"}\" before the end") }
            let content = String(text[position..<end])
            position = end + 1
            let words = content.split(separator: " ", omittingEmptySubsequences: false)
            guard 1...2 ~= words.count, let last = words.last else { throw failure("{slot} or {quantity slot}") }
            if last.hasPrefix("="), words.count == 2, Self.isName(String(words[0])) {
                let quantity = String(words[0])
                return [
                    .quantity(quantity), .words(" "),
                    .noun(WordEntry.Noun(String(last.dropFirst())), count: quantity),
                ]
            }
            let counted = last.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
            let path = (counted.first ?? "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard 1...2 ~= counted.count, (path + counted.dropFirst()).allSatisfy(Self.isName) else {
                throw failure("a name, its forms behind points and a quantity behind \"@\", found {\(content)}")
            }
            if words.count == 2 {
                let quantity = String(words[0])
                guard Self.isName(quantity), counted.count == 1 else {
                    throw failure("{quantity slot}, found {\(content)}")
                }
                return [
                    .quantity(quantity), .words(" "),
                    .slot(Slot(name: path[0], path: Array(path.dropFirst()), count: quantity)),
                ]
            }
            let count = counted.count == 2 ? counted[1] : nil
            // Which of the two a bare name is, the family knows; a small letter by itself is a quantity.
            if path.count == 1, count == nil, path[0].count == 1, path[0].lowercased() == path[0] {
                return [.quantity(path[0])]
            }
            return [.slot(Slot(name: path[0], path: Array(path.dropFirst()), count: count))]
        }

        static func isName(_ text: String) -> Bool {
            text.first.map { $0.isASCII && $0.isLetter } ?? false
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        }

        private func failure(_ expected: String) -> LearningError {
            LearningError(.invalidFamily, "character \(position + 1) of \"\(String(text))\": expected \(expected)")
        }
    }
}
