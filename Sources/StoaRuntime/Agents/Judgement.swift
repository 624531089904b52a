internal import OrderedCollections
internal import StoaCore

/// One judgement by a verifier: read, judge, post.
///
/// What agents that verify have in common.
struct Judgement: Sendable {
    private let profile: AgentProfile
    private var assignment: Assignment?

    init(_ profile: AgentProfile) { self.profile = profile }

    /// Whether a judgement is under way.
    var isUnderWay: Bool { assignment != nil }

    mutating func step(_ event: AgentEvent) throws -> [AgentAction] {
        switch event {
        case .assigned(let assignment):
            guard case .verify(_, let text, let reference, let question) = assignment.task else { return [] }
            self.assignment = assignment
            let names = text.names + (reference?.names ?? []) + (question?.names ?? [])
            return [.read(assignment.scope.restricted(to: names).messages)]
        case .read(let messages):
            guard let assignment,
                case .verify(let verifier, let text, let reference, let question) = assignment.task
            else { return [] }
            let context = assignment.scope.context(messages, profile.values)
            // An empty reference is none: a playbook's optional parameter.
            let expected = try reference.map { try profile.render($0, context) }.flatMap { $0.isEmpty ? nil : $0 }
            let request = VerificationRequest(
                text: try profile.render(text, context), reference: expected,
                question: try question.map { try profile.render($0, context) })
            return [.judge(request, verifier: verifier)]
        case .judged(let verdict): return [.post(.verdict, payload: verdict.document, usage: .zero)]
        case .posted(let message):
            assignment = nil
            return [.finish(message)]
        case .replied, .limited, .thought, .approved, .returned: return []
        }
    }
}
