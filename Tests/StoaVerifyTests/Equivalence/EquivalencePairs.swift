import Foundation
import StoaCore
import StoaTestKit
import Testing

/// The recorded pairs.
struct EquivalencePair: Sendable, CustomTestStringConvertible {
    var answer: String
    var reference: String
    var isEquivalent: Bool

    var testDescription: String { "\(answer) \(isEquivalent ? "=" : "≠") \(reference)" }

    /// The kinds of pairs, each a file.
    static let kinds = [
        "numbers", "percentages_units", "roots_powers", "constants_functions", "complex", "polynomials", "equations",
        "inequalities_intervals", "tuples_sets_lists", "matrices", "choices_texts", "stated_answers", "unreadable",
    ]
    /// The kinds that are formulas, which can be spelt in other ways.
    static let formulas = Array(kinds.prefix(10))

    static func pairs(_ kind: String) throws -> [EquivalencePair] {
        try golden("equivalence/\(kind).jsonl").split(separator: 0x0A).map { line in
            let document = try JSONParser.parse(line)
            return EquivalencePair(
                answer: try #require(document["answer"]?.stringValue),
                reference: try #require(document["reference"]?.stringValue),
                isEquivalent: document["equivalent"] == .bool(true))
        }
    }
}
