internal import StoaCore

/// What counts as an answer, and so ends a loop.
///
/// A new rule is a file beside this one and a line in `AnswerPolicies`.
protocol AnswerPolicy: Sendable {
    /// The name by which playbooks ask for it.
    static var name: String { get }

    /// Creates it.
    init()

    /// What stands before every piece of code.
    var prelude: String { get }

    /// Looks for the answer of a turn that ended without code to run.
    ///
    /// - Parameter words: what the model wrote in the turn.
    /// - Returns: the answer; nil where there is none.
    func answer(inWords words: String) -> FoundAnswer?

    /// Looks for the answer of a turn whose code was run.
    ///
    /// - Parameters:
    ///   - outcome: what came of the code.
    ///   - words: what the model wrote in the turn, code included.
    /// - Returns: the answer; nil where there is none.
    func answer(in outcome: CodeResult, behind words: String) -> FoundAnswer?
}

extension AnswerPolicy {
    /// Nothing.
    var prelude: String { "" }
}

/// That there is an answer.
struct FoundAnswer: Sendable, Hashable {
    /// The answer; nil where it cannot be read.
    var text: String?
}

/// The rules there are.
enum AnswerPolicies {
    /// Every rule; the first is the usual one.
    static let all: [any AnswerPolicy.Type] = [
        EitherAnswer.self, BoxedAnswer.self, FinalAnswer.self, OutputAnswer.self, SimpleTIRAnswer.self,
    ]

    /// Their names.
    static var names: [String] { all.map { $0.name } }

    /// The rule of a name, or the usual one.
    static func named(_ name: String?) -> any AnswerPolicy {
        (all.first { $0.name == name } ?? EitherAnswer.self).init()
    }
}
