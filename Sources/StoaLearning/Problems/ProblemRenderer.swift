internal import StoaCore

/// Writes a wording with what was drawn for it.
struct ProblemRenderer {
    let slots: [String: WordEntry]
    let numbers: [String: DrawnNumber]
    let style: ProblemStyle
    var chance: Chance
    /// Which place was drawn in choices that have a name.
    private var chosen: [String: Int] = [:]

    init(slots: [String: WordEntry], numbers: [String: DrawnNumber], style: ProblemStyle, chance: Chance) {
        self.slots = slots
        self.numbers = numbers
        self.style = style
        self.chance = chance
    }

    mutating func text(_ pieces: [ProblemText.Piece]) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .words(let words): text += words
            case .quantity(let name): text += numbers[name].map { style.number($0) } ?? ""
            case .slot(let slot): text += words(slot)
            case .noun(let noun, let count): text += isOne(count) == true ? noun.one : noun.many
            case .choice(let options, let name):
                let index = name.flatMap { chosen[$0] } ?? chance.integer(below: options.count)
                if let name { chosen[name] = index }
                text += self.text(options[min(index, options.count - 1)])
            }
        }
        return text
    }

    private func words(_ slot: ProblemText.Slot) -> String {
        guard let entry = slots[slot.name] else {
            // A name of more than a letter can be a quantity too.
            return numbers[slot.name].map { style.number($0) } ?? ""
        }
        let path = slot.path.map { $0.lowercased() }
        return entry.text(path, isOne: slot.count.flatMap { isOne($0) }) ?? ""
    }

    /// Whether there is one of it, or less where the style has it so; nil for an unknown quantity.
    private func isOne(_ count: String) -> Bool? {
        numbers[count].map { number in
            let one = Fraction(1)
            return number.value == one || number.isPart || (style.partsAreSingular && number.value < one)
        }
    }
}
