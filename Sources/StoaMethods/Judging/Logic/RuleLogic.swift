internal import StoaCore
internal import StoaRuntime

/// The judgement of one rule.
struct RuleLogic: JudgingLogic {
    /// The verifier where none is named.
    static let usualVerifier = "equivalent"

    let judged: JudgedText
    let verifier: String

    mutating func step(_ event: MethodEvent) throws -> JudgingAction {
        switch event {
        case .judged(let verdict): .decided(verdict)
        case .limited(let limit): .decided(.undecided(limit.evidence, by: verifier))
        case .began, .replied, .returned: .want(.judge(judged.verification, verifier: verifier))
        }
    }
}
