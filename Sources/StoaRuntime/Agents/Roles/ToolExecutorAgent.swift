internal import OrderedCollections
internal import StoaCore

/// Has tools run, where they may.
typealias ToolExecutorAgent = AgentActor<ToolExecutorLogic>

/// The decisions of a tool executor: read, ask a person where that is the rule, call, post.
struct ToolExecutorLogic: AgentLogic {
    static let role = AgentRole.toolExecutor
    private let profile: AgentProfile
    private var assignment: Assignment?
    private var call: ToolCall?

    init(_ profile: AgentProfile) { self.profile = profile }

    mutating func step(_ event: AgentEvent) throws -> [AgentAction] {
        switch event {
        case .assigned(let assignment):
            guard case .call(_, let arguments) = assignment.task else { return [] }
            self.assignment = assignment
            return [.read(assignment.scope.restricted(to: arguments.names).messages)]
        case .read(let messages): return try decide(messages)
        case .approved(let isApproved):
            guard isApproved else { return post(ToolResult(status: .denied, output: "a person refused the call")) }
            return carryOut()
        case .returned(let result): return post(result)
        case .posted(let message):
            assignment = nil
            call = nil
            return [.finish(message)]
        case .replied, .limited, .thought, .judged: return []
        }
    }

    private mutating func decide(_ messages: [Message]) throws -> [AgentAction] {
        guard let assignment, case .call(let tool, let arguments) = assignment.task else { return [] }
        let context = assignment.scope.context(messages)
        let call = ToolCall(
            id: assignment.key.description, name: tool.name,
            arguments: try arguments.evaluate(context, now: profile.date))
        self.call = call
        switch tool.approval {
        case .auto: return carryOut()
        case .ask:
            return [.seekApproval(question: "call \(tool.name) with \(call.arguments.canonicalText)?")]
        case .deny: return post(ToolResult(status: .denied, output: "the playbook refuses calls of \(tool.name)"))
        }
    }

    private func carryOut() -> [AgentAction] {
        guard let call, let assignment, case .call(let tool, _) = assignment.task else { return [] }
        return [.call(call, isIdempotent: tool.isIdempotent)]
    }

    private func post(_ result: ToolResult) -> [AgentAction] {
        var payload = result.document.objectValue ?? [:]
        payload["ok"] = .bool(result.status == .ok)
        return [.post(.toolResult, payload: .object(payload), usage: .zero)]
    }
}
