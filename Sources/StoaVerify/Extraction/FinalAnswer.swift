/// The final answer that a text gives, as it stands there.
///
/// The rules are tried in the order of their cases, and the last place that a rule finds counts. What is found is judged
/// elsewhere: extraction never decides whether two answers are the same.
package struct FinalAnswer: Sendable, Hashable {
    /// How an answer is marked as one.
    package enum Rule: String, Sendable, Hashable, CaseIterable {
        /// `\boxed{…}`.
        case boxed
        /// `#### 42` on a line.
        case hashes
        /// `The answer is 42`.
        case phrase
        /// `= 42` at the end of a calculation.
        case equation
        /// The last number of the text.
        case lastNumber = "last_number"

        /// The rules by which an author says that something is the answer.
        package static let explicit: [Rule] = [.boxed, .hashes, .phrase]
    }

    /// The answer; empty where a box is.
    package var text: String
    /// What marked it as one.
    package var rule: Rule

    /// Creates an answer.
    package init(text: String, rule: Rule) {
        self.text = text
        self.rule = rule
    }

    /// Looks for the answer.
    ///
    /// Complexity: linear in the text's last `NumberLimits.windowBytes`; what is before them is not looked at.
    ///
    /// - Parameters:
    ///   - text: what a model said.
    ///   - rules: the rules to try, in this order.
    package init?(in text: String, rules: [Rule] = Rule.allCases) {
        let bytes = text.window
        for rule in rules {
            let found =
                switch rule {
                case .boxed: BoxedAnswers.last(in: bytes)
                case .hashes: MarkedAnswers.lastHashes(in: bytes)
                case .phrase: MarkedAnswers.lastPhrase(in: bytes)
                case .equation: LooseNumbers.lastResult(in: bytes)
                case .lastNumber: LooseNumbers.last(in: bytes)
                }
            guard let found else { continue }
            let range = AnswerWrapping.trimmed(bytes, found)
            self.init(text: String(decoding: bytes[range], as: UTF8.self), rule: rule)
            return
        }
        return nil
    }
}

extension String {
    /// The end of the text that is looked at, from a space on where that is not all of it.
    var window: [UInt8] {
        guard utf8.count > NumberLimits.windowBytes else { return Array(utf8) }
        return Array(utf8.suffix(NumberLimits.windowBytes).drop { $0 > 0x20 })
    }
}
