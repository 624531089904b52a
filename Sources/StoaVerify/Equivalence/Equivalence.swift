/// Whether an answer says the same as a reference: exactly, and without running anything that a model wrote.
///
/// What counts as the same:
/// - p% is p/100 and nothing else; a decimal equals a fraction or a root only where both are exactly equal;
/// - a missing unit or currency matches, two different ones never; degrees never equal radians;
/// - `x = 3` matches 3, intervals match the inequalities that they describe;
/// - tuples are ordered, sets and several answers are not, and kinds of brackets matter;
/// - `1,234` is one number, and `12` is not `1,2`;
/// - polynomials and rational functions are compared by identity, factorials and binomials are computed;
/// - letters of options match with or without brackets and words;
/// - what is empty or cannot be understood matches nothing, not even itself.
///
/// What is not proved to be equal counts as different: a wrong "equivalent" is worse than a missed one.
///
/// Determinism: a pure function of both texts. Complexity: linear in the texts, then bounded by `AlgebraLimits`: counted
/// steps, not time.
public enum Equivalence {
    /// What decided.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        /// Two rational numbers.
        case number
        /// Two expressions, by identity.
        case expression
        /// Entry by entry.
        case tuple
        /// Entries in no order.
        case set
        /// Several answers in no order.
        case list
        /// Term by term.
        case ratio
        /// The numbers that both hold.
        case interval
        /// Cell by cell.
        case matrix
        /// Two equations, up to a factor.
        case equation
        /// Two inequalities, up to a positive factor.
        case inequality
        /// The letters of options.
        case choice
        /// Words.
        case text
        /// Infinity.
        case infinity
        /// One side is something else than the other.
        case kind
        /// One side is empty or cannot be understood.
        case unreadable
        /// The comparison would take more work than is done.
        case limit
    }

    /// What was decided.
    public struct Decision: Sendable, Hashable {
        /// Whether both are proved to be the same.
        public var isEquivalent: Bool
        /// Whether that could be told: not where a side cannot be understood, where it takes too much work, or where two
        /// expressions are neither proved to be the same nor to be different.
        public var isDecided: Bool
        /// What decided.
        public var method: Method
        /// The answer that was found in the text; nil where it states none.
        public var extracted: String?
        /// The forms of the answer and of the reference that were compared; empty for what cannot be understood.
        public var normalised: [String]
    }

    /// Compares.
    ///
    /// - Parameters:
    ///   - answer: an answer, or a text that marks one: the last box counts, else the last `####`, else `the answer is`.
    ///   - reference: what it should say, likewise.
    /// - Returns: the decision; for no text an error.
    public static func decide(answer: String, reference: String) -> Decision {
        measure(answer: answer, reference: reference).decision
    }

    /// Compares, and says how much work that was.
    ///
    /// - Returns: the decision, and the steps that `AlgebraLimits` bounds.
    package static func measure(answer: String, reference: String) -> (decision: Decision, steps: Int) {
        let (stated, expected) = (StatedAnswer(in: answer), StatedAnswer(in: reference))
        var decision = Decision(
            isEquivalent: false, isDecided: true, method: .unreadable, extracted: stated?.text, normalised: ["", ""])
        guard let stated, let expected else { return (decision, 0) }
        // What says nothing is no riddle: it matches nothing.
        decision.isDecided = stated.text.isEmpty || expected.text.isEmpty
        var reader = MeaningReader()
        do {
            let first = try reader.read(stated.text)
            // The same text has the same meaning, if it has any.
            let second = stated.text == expected.text ? first : try reader.read(expected.text)
            decision.normalised = [first, second].map { meaning in
                meaning.map { MeaningWriter(algebra: reader.algebra).text(of: $0) } ?? ""
            }
            guard let first, let second else { return (decision, reader.algebra.steps) }
            var comparison = Comparison(algebra: reader.algebra)
            defer { reader.algebra = comparison.algebra }
            decision.isEquivalent = try comparison.areSame(first, second)
            decision.method = method(first, second, areSame: decision.isEquivalent)
            decision.isDecided = decision.isEquivalent || !comparison.algebra.hasOpenQuestions
        } catch {
            decision.method = .limit
        }
        return (decision, reader.algebra.steps)
    }

    private static func method(_ first: Meaning, _ second: Meaning, areSame: Bool) -> Method {
        let kinds = [first.kind, second.kind]
        if kinds[0] == kinds[1] { return Method(rawValue: kinds[0]) ?? .kind }
        // The wider of two kinds that can say the same.
        for kind in [Method.interval, .set, .list, .choice, .equation] where kinds.contains(kind.rawValue) && areSame {
            return kind
        }
        return Set(kinds) == ["number", "expression"] ? .expression : .kind
    }
}
