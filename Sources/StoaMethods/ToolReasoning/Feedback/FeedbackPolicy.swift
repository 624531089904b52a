internal import StoaCore

/// How the model is told what came of its code.
///
/// A new way is a file beside this one and a line in `FeedbackPolicies`.
protocol FeedbackPolicy: Sendable {
    /// The name by which playbooks ask for it.
    static var name: String { get }

    /// Creates it.
    ///
    /// - Parameter longest: the most characters of a result.
    init(longest: Int)

    /// Puts a result into words.
    ///
    /// - Parameters:
    ///   - outcome: what came of the code.
    ///   - place: where in the loop it did.
    /// - Returns: the words, to follow the model's own; empty for nothing.
    func render(_ outcome: CodeResult, at place: FeedbackPlace) -> String
}

/// Where in a loop something is told.
struct FeedbackPlace: Sendable {
    /// The turns there were, this one among them.
    var turn: Int
    /// The most there may be.
    var turns: Int
    /// What the tool says besides what the code came to; empty for nothing.
    var remark = ""
}

/// The ways there are.
enum FeedbackPolicies {
    /// Every way; the first is the usual one.
    static let all: [any FeedbackPolicy.Type] = [
        StructuredFeedback.self, SimpleTIRFeedback.self, StdoutFeedback.self,
    ]

    /// Their names.
    static var names: [String] { all.map { $0.name } }

    /// The way of a name, or the usual one.
    static func named(_ name: String?, longest: Int) -> any FeedbackPolicy {
        (all.first { $0.name == name } ?? StructuredFeedback.self).init(longest: longest)
    }
}
