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
            guard case .call(_, let arguments, _) = assignment.task else { return [] }
            self.assignment = assignment
            return [.read(assignment.scope.restricted(to: arguments.names).messages)]
        case .read(let messages): return try decide(messages)
        case .approved(let isApproved):
            guard isApproved else { return post(ToolPermission.refusedByPerson) }
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
        guard let assignment, case .call(let tool, let arguments, _) = assignment.task else { return [] }
        let context = assignment.scope.context(messages, profile.values)
        let call = ToolCall(
            id: assignment.key.description, name: tool.name,
            arguments: try arguments.evaluate(context, now: profile.date))
        self.call = call
        switch ToolPermission(call, tool) {
        case .granted: return carryOut()
        case .question(let question): return [.seekApproval(question: question)]
        case .refused(let result): return post(result)
        }
    }

    private func carryOut() -> [AgentAction] {
        guard let call, let assignment, case .call(let tool, _, let session) = assignment.task else { return [] }
        let owner = session.map { ToolRequest.Owner.named($0) } ?? (tool.sharesRunState ? .run : nil)
        return [.call(ToolRequest(call: call, tool: tool, owner: owner))]
    }

    private func post(_ result: ToolResult) -> [AgentAction] {
        var payload = result.document.objectValue ?? [:]
        payload["ok"] = .bool(result.status == .ok)
        return [.post(.toolResult, payload: .object(payload), usage: .zero)]
    }
}
