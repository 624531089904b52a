internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// The decisions of somebody who judges: as those of a method, but what they come to is a verdict.
///
/// A panel is made of them, and a method may be one alone.
protocol JudgingLogic: Sendable {
    /// Takes the next event; see `MethodLogic`.
    mutating func step(_ event: MethodEvent) throws -> JudgingAction
}

/// What somebody who judges wants.
enum JudgingAction: Sendable {
    /// Something done, answered as a method's wish is; never `finish`.
    case want(MethodAction)
    /// The verdict, and what else belongs to the step's value.
    case decided(Verdict, details: JSONValue.Members = [:])
}

/// A method that comes to one verdict on one text.
///
/// Its value is the verdict's document with `text`, the text that was judged, so that `choose` can take the best of several
/// and go on with its words.
struct VerdictLogic: MethodLogic {
    /// The text that is judged.
    let text: String
    var judging: any JudgingLogic

    mutating func step(_ event: MethodEvent) throws -> MethodAction {
        switch try judging.step(event) {
        case .want(let action): return action
        case .decided(let verdict, let details):
            var members: JSONValue.Members = ["text": .string(text)]
            members.merge(verdict.document.objectValue ?? [:]) { first, _ in first }
            members.merge(details) { first, _ in first }
            return .finish(members)
        }
    }
}

extension LimitReached {
    /// Why a verifier cannot tell whose budget is used up.
    var evidence: String { "the \(scope)'s budget of \(limit) is used up" }
}
