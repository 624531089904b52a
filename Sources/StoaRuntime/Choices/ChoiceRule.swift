internal import OrderedCollections
package import StoaCore

/// A way to choose one of several candidates.
///
/// One rule is one file; `ChoiceRules.all` lists them.
package protocol ChoiceRule: Sendable {
    /// Its name, as playbooks use it.
    static var name: String { get }

    /// Chooses.
    ///
    /// Determinism: a pure function; among equals the one with the lowest index is chosen.
    ///
    /// - Parameters:
    ///   - candidates: at least one.
    ///   - verifier: whose notion of answers and of their equality counts; nil compares texts.
    /// - Returns: the choice.
    static func choose(_ candidates: [Candidate], verifier: (any Verifier)?) -> Choice
}

/// Something that can be chosen.
package struct Candidate: Sendable {
    /// The step value it is.
    var value: JSONValue
    /// Its text: the member `text`, or the value itself where it is a string.
    var text: String
    /// How good it is, where the step says so.
    var score: Double?
}

extension Candidate {
    /// The answer it comes to; nil where it gives none.
    func answer(by verifier: (any Verifier)?) -> String? {
        if let verifier { return verifier.extract(text) }
        let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }
}

/// What was chosen.
package struct Choice: Sendable, Hashable {
    /// The candidate's index.
    var index: Int
    /// The answer that was chosen; nil where the rule looks at no answers.
    var answer: String?
    /// The candidates that were for it.
    var votes: Int
}

/// Every rule, by name.
public enum ChoiceRules {
    static let all: [any ChoiceRule.Type] = [BestRule.self, FirstRule.self, MajorityRule.self]

    /// The rules' names, in order.
    public static var names: [String] { all.map { $0.name }.sorted() }

    static func named(_ name: String) -> (any ChoiceRule.Type)? { all.first { $0.name == name } }
}
