internal import OrderedCollections
public import StoaCore

/// Draws problems from families.
///
/// Determinism: a pure function of families, level and stream, on every machine.
public struct ProblemDraw: Sendable {
    /// The share of problems whose words and marks stand apart, as tokenised corpora have them.
    public var tokenisedShare: Double
    private let words: ProblemWords

    /// Attempts to find numbers that meet a family's conditions.
    private static let attempts = 400
    /// How often a level gets a sentence that says something else.
    private static let extraShares = [0, 0.1, 0.25, 0.35, 0.45]

    /// Creates a draw.
    ///
    /// - Parameters:
    ///   - words: the shared words.
    ///   - tokenisedShare: the share of problems whose words and marks stand apart.
    public init(words: ProblemWords, tokenisedShare: Double = 0.45) {
        self.words = words
        self.tokenisedShare = tokenisedShare
    }

    /// Draws a problem.
    ///
    /// - Parameters:
    ///   - family: the family.
    ///   - level: 1 to 5; others are brought there.
    ///   - stream: whose chance is drawn on.
    ///   - id: the problem's name.
    ///   - needsExtra: whether a sentence that says something else is put in, whatever the level.
    /// - Returns: the problem.
    /// - Throws: `LearningError.invalidFamily` where no numbers meet the family's conditions.
    public func problem(
        of family: ProblemFamily, level: Int, stream: RandomStream, id: String, needsExtra: Bool = false
    ) throws(LearningError) -> WordProblem {
        let level = min(max(level, ProblemFamily.levels.lowerBound), ProblemFamily.levels.upperBound)
        var chance = Chance(stream.child("words"))
        let open = family.wordings.indices.filter { family.wordings[$0].level <= level }
        guard let index = chance.index(weights: open.map { family.wordings[$0].weight }).map({ open[$0] }) else {
            throw failure(family, "a wording for level \(level)")
        }
        let wording = family.wordings[index]
        let lists = family.slots.merging(wording.slots) { $1 }
        var slots = fill(lists, beside: [:], &chance)
        let extra = self.extra(for: family, share: needsExtra ? 1 : Self.extraShares[level - 1], &chance)
        if let own = extra?.slots { slots.merge(fill(own, beside: slots, &chance)) { first, _ in first } }
        var numbers = Chance(stream.child("numbers"))
        guard let (drawn, answer) = draw(family, wording, extra, level: level, &numbers) else {
            throw failure(family, "numbers that meet its conditions, at level \(level)")
        }
        let style = ProblemStyle(level: level, tokenisedShare: tokenisedShare, stream: stream.child("style"))
        var renderer = ProblemRenderer(slots: slots, numbers: drawn, style: style, chance: chance)
        var sentences = ProblemStyle.sentences(of: renderer.text(wording.text.pieces))
        if let extra {
            let sentence = renderer.text(extra.text.pieces)
            let place = sentences.count == 1 ? 0 : 1 + renderer.chance.integer(below: sentences.count - 1)
            sentences.insert(sentence, at: place)
        }
        return WordProblem(
            id: id, family: family.name, level: level, question: style.finished(sentences),
            program: wording.program.text { drawn[$0]?.digits }, answer: answer, wording: index)
    }

    // MARK: - Slots

    private func fill(
        _ slots: OrderedDictionary<String, String>, beside taken: [String: WordEntry], _ chance: inout Chance
    ) -> [String: WordEntry] {
        var filled: [String: WordEntry] = [:]
        var used = Set(taken.values.map(\.key))
        // By name: a journal does not keep the order of members.
        for (name, lists) in slots.sorted(by: { $0.key < $1.key }) {
            let entries = (words.entries(lists) ?? []).filter { !used.contains($0.key) }
            guard let entry = chance.element(of: entries) else { continue }
            filled[name] = entry
            used.insert(entry.key)
        }
        return filled
    }

    private func extra(for family: ProblemFamily, share: Double, _ chance: inout Chance) -> ProblemExtra? {
        guard chance.isLucky(share) else { return nil }
        let shared =
            family.takesSharedExtras
            ? words.extras.filter { extra in
                extra.slots.keys.allSatisfy { family.slots[$0] == nil }
                    && extra.quantities.keys.allSatisfy { family.quantities[$0] == nil }
                    && extra.text.names.allSatisfy {
                        family.slots[$0] != nil || extra.slots[$0] != nil || extra.quantities[$0] != nil
                    }
            } : []
        // What a family says of itself fits it best.
        let isOwn = !family.extras.isEmpty && (shared.isEmpty || chance.isLucky(0.7))
        return chance.element(of: isOwn ? family.extras : shared)
    }

    // MARK: - Numbers

    private func draw(
        _ family: ProblemFamily, _ wording: ProblemFamily.Wording, _ extra: ProblemExtra?, level: Int,
        _ chance: inout Chance
    ) -> (numbers: [String: DrawnNumber], answer: String)? {
        let allowsEqual = chance.isLucky(0.1)
        for attempt in 0..<Self.attempts {
            var drawn: [String: DrawnNumber] = [:]
            for (name, quantity) in family.quantities {
                guard let number = number(quantity, drawn, level: level, &chance) else { break }
                drawn[name] = number
            }
            for (name, ranges) in extra?.quantities ?? [:] {
                drawn[name] = ranges[min(level, ranges.count) - 1].draw(&chance)
            }
            let values = drawn.mapValues(\.value)
            guard family.quantities.keys.allSatisfy({ drawn[$0] != nil }),
                family.conditions.allSatisfy({ $0.holds(for: values) }),
                let value = wording.program.value(of: values), value.isPositive
            else { continue }
            let shown = wording.text.names.filter { family.quantities[$0] != nil }
            let distinct = Set(shown.compactMap { drawn[$0]?.value })
            guard allowsEqual || attempt > Self.attempts / 2 || distinct.count == shown.count else { continue }
            let isWhole = shown.allSatisfy { drawn[$0]?.value.isInteger ?? true }
            let hasMoney = wording.program.names.contains { drawn[$0]?.isMoney == true }
            let hasParts = wording.program.names.contains { drawn[$0]?.isPart == true }
            guard !isWhole || hasMoney || value.isInteger else { continue }
            let answer = value.description
            guard hasParts || Fraction(answer) == value, Fraction(answer)?.isPositive == true else { continue }
            return (drawn, answer)
        }
        return nil
    }

    private func number(
        _ quantity: ProblemFamily.Quantity, _ drawn: [String: DrawnNumber], level: Int, _ chance: inout Chance
    ) -> DrawnNumber? {
        switch quantity {
        case .drawn(let ranges): return ranges[min(level, ranges.count) - 1].draw(&chance)
        case .derived(let program, let isMoney):
            guard let value = program.value(of: drawn.mapValues(\.value)), value.isPositive,
                Fraction(value.decimal(places: 4)) == value
            else { return nil }
            return DrawnNumber(value, isMoney: isMoney)
        }
    }

    private func failure(_ family: ProblemFamily, _ expected: String) -> LearningError {
        LearningError(.invalidFamily, "family \(family.name): expected \(expected), found none")
    }
}
