internal import StoaCore

/// A part of a wording as it is matched with a question.
indirect enum ReadingNode: Sendable, Hashable {
    case word(String)
    /// The end of a sentence, which tokenised texts may have lost.
    case end
    case quantity(String)
    /// A slot, and the place of what can stand there among the forms that a reader knows.
    case slot(String, forms: Int)
    case choice([[ReadingNode]])

    /// The nodes of a wording.
    ///
    /// - Parameters:
    ///   - text: the wording.
    ///   - forms: gives the place of what can stand in a slot.
    /// - Returns: the nodes, the end of the last sentence among them.
    static func nodes(of text: ProblemText, forms: (ProblemText.Slot) -> Int) -> [ReadingNode] {
        let nodes = nodes(of: text.pieces, forms)
        return nodes.last == .end ? nodes : nodes + [.end]
    }

    private static func nodes(of pieces: [ProblemText.Piece], _ forms: (ProblemText.Slot) -> Int) -> [ReadingNode] {
        pieces.flatMap { piece -> [ReadingNode] in
            switch piece {
            case .words(let words): self.words(words)
            case .quantity(let name): [.quantity(name)]
            case .slot(let slot): [.slot(slot.name, forms: forms(slot))]
            case .noun(let noun, _): [.choice([words(noun.one), words(noun.many)])]
            case .choice(let options, _): [.choice(options.map { nodes(of: $0, forms) })]
            }
        }
    }

    private static func words(_ text: String) -> [ReadingNode] {
        var words = ReadingWord.words(of: text)
        // Reading a text ends it; a part of one has its own marks only.
        if !text.contains(where: { ".?!".contains($0) })
            || !(text.last { !$0.isWhitespace }.map { ".?!".contains($0) } ?? false)
        {
            words.removeLast()
        }
        // A mark behind a slot ends the sentence of the slot.
        return words.map { $0.isEnd ? .end : .word($0.text) }
    }
}

/// What can stand in a slot.
struct ReadingForms: Sendable {
    enum Kind: Sendable {
        case nouns
        case people
        case fields
    }

    var kind = Kind.nouns
    /// Words by the first of them, with the key of their entry.
    private(set) var byFirst: [String: [(words: [String], key: String)]] = [:]
    /// Pronouns that stand for somebody; empty for a form that is none.
    private(set) var pronouns: Set<String> = []

    private static let pronounForms: [String: Set<String>] = [
        "he": ["he", "she", "they"], "him": ["him", "her", "them"], "his": ["his", "her", "their"],
        "himself": ["himself", "herself", "themselves"],
    ]

    init(entries: [WordEntry], path: [String]) {
        switch entries.first {
        case .person: kind = .people
        case .fields: kind = .fields
        default: kind = .nouns
        }
        if kind == .people, let form = path.first {
            pronouns = Self.pronounForms[form] ?? []
            return
        }
        for entry in entries {
            let texts = [entry.text(path), entry.text(path, isOne: true), entry.text(path, isOne: false)]
            for text in Set(texts.compactMap { $0 }).sorted() {
                let words = ReadingWord.words(of: text).dropLast().map(\.text)
                guard let first = words.first else { continue }
                byFirst[first, default: []].append((words, entry.key))
            }
        }
    }
}

/// Matches a question with a wording, going back where a choice turns out wrong.
struct ReadingMatcher {
    struct Match {
        var numbers: [String: ReadingWord.Number]
        /// How far it is from the wording: skipped sentences and words that are in no list.
        var cost: Int
    }

    private struct State {
        var position = 0
        var numbers: [String: ReadingWord.Number] = [:]
        var slots: [String: String] = [:]
        var skipped = 0
        var unknown = 0
    }

    private let words: [ReadingWord]
    private let forms: [ReadingForms]
    private let mostSkipped: Int
    /// Steps that are left: a guard against questions that match in very many ways.
    private var budget = 20_000
    private var found: [Match] = []

    init(words: [ReadingWord], forms: [ReadingForms], mostSkipped: Int) {
        self.words = words
        self.forms = forms
        self.mostSkipped = mostSkipped
    }

    /// The ways in which the question is the wording; the nearest few.
    mutating func matches(_ nodes: [ReadingNode]) -> [Match] {
        go(nodes[...], State(), isStart: true)
        return found
    }

    private mutating func go(_ nodes: ArraySlice<ReadingNode>, _ state: State, isStart: Bool) {
        guard budget > 0, found.count < 8 else { return }
        budget -= 1
        step(nodes, state, isStart: isStart)
        // The last sentence asks; it is never skipped.
        guard isStart, state.skipped < mostSkipped, let next = endOfSentence(from: state.position), next < words.count
        else { return }
        var skipping = state
        skipping.position = next
        skipping.skipped += 1
        go(nodes, skipping, isStart: true)
    }

    private mutating func step(_ nodes: ArraySlice<ReadingNode>, _ state: State, isStart: Bool) {
        guard let node = nodes.first else {
            if state.position == words.count {
                found.append(Match(numbers: state.numbers, cost: 4 * state.skipped + state.unknown))
            }
            return
        }
        let rest = nodes.dropFirst()
        switch node {
        case .word(let word):
            guard state.position < words.count, words[state.position].text == word else { return }
            go(rest, advanced(state, by: 1), isStart: false)
        case .end:
            let isEnd = state.position < words.count && words[state.position].isEnd
            // Only tokenised texts lose marks, and only between sentences.
            guard isEnd || !rest.isEmpty else { return }
            go(rest, advanced(state, by: isEnd ? 1 : 0), isStart: isEnd)
        case .quantity(let name):
            guard state.position < words.count, let number = words[state.position].number else { return }
            if let known = state.numbers[name], known.value != number.value { return }
            var next = advanced(state, by: 1)
            next.numbers[name] = number
            go(rest, next, isStart: false)
        case .choice(let options):
            for option in options { step((option + rest)[...], state, isStart: isStart) }
        case .slot(let name, let place): slot(name, forms[place], rest, state)
        }
    }

    // MARK: - Slots

    private mutating func slot(
        _ name: String, _ forms: ReadingForms, _ rest: ArraySlice<ReadingNode>, _ state: State
    ) {
        guard state.position < words.count else { return }
        let first = words[state.position].text
        if !forms.pronouns.isEmpty {
            if forms.pronouns.contains(first) { go(rest, advanced(state, by: 1), isStart: false) }
            return
        }
        var isKnown = false
        for (form, key) in forms.byFirst[first] ?? [] {
            if let bound = state.slots[name], bound != key { continue }
            guard state.position + form.count <= words.count,
                zip(form, words[state.position...]).allSatisfy({ $0 == $1.text })
            else { continue }
            isKnown = true
            var next = advanced(state, by: form.count)
            next.slots[name] = key
            go(rest, next, isStart: false)
        }
        guard !isKnown else { return }
        for length in 1...3 {
            guard let text = text(from: state.position, length: length) else { return }
            // One and several are the same thing; of words that belong together nothing is known.
            let stem = forms.kind == .fields ? nil : Self.stem(text)
            if let bound = state.slots[name], let stem, bound != stem { continue }
            var next = advanced(state, by: length)
            if next.slots[name] == nil { next.slots[name] = stem }
            next.unknown += 1
            go(rest, next, isStart: false)
        }
    }

    /// A word without its ending, so that one and several are the same thing.
    private static func stem(_ text: String) -> String {
        if text.hasSuffix("ies") { return text.dropLast(3) + "y" }
        if text.hasSuffix("es") { return String(text.dropLast(2)) }
        return text.hasSuffix("s") || text.hasSuffix("e") ? String(text.dropLast()) : text
    }

    // MARK: - Words

    private func advanced(_ state: State, by count: Int) -> State {
        var state = state
        state.position += count
        return state
    }

    private func endOfSentence(from position: Int) -> Int? {
        words[min(position, words.count)...].firstIndex { $0.isEnd }.map { $0 + 1 }
    }

    private func text(from position: Int, length: Int) -> String? {
        guard position + length <= words.count else { return nil }
        let slice = words[position..<(position + length)]
        guard slice.allSatisfy({ !$0.isEnd && ($0.number == nil || $0.text == "one") }) else { return nil }
        return slice.map(\.text).joined(separator: " ")
    }
}
