internal import OrderedCollections
internal import StoaCore

/// A tool call that may be made: which, by what rules, and whose state it works on.
struct ToolRequest: Sendable {
    /// Whose state a call works on.
    enum Owner: Sendable, Hashable {
        /// That of the step, which ends with it.
        case step
        /// That of the tool, which all calls of the run share.
        case run
        /// One that steps gave a name.
        case named(String)
    }

    var call: ToolCall
    var tool: PlanTool
    /// Nil for a call that has a state of its own, gone when it ends.
    var owner: Owner?
}

/// Who decides whether a call is made, and what was decided where nobody needs to be asked.
///
/// The same rules for steps that call a tool and for methods that do.
enum ToolPermission: Sendable {
    case granted
    /// A person is asked this.
    case question(String)
    case refused(ToolResult)

    init(_ call: ToolCall, _ tool: PlanTool) {
        switch tool.approval {
        case .auto: self = .granted
        case .ask: self = .question("call \(tool.name) with \(call.arguments.canonicalText)?")
        case .deny:
            self = .refused(ToolResult(status: .denied, output: "the playbook refuses calls of \(tool.name)"))
        }
    }

    /// What a call comes to that a person refused.
    static let refusedByPerson = ToolResult(status: .denied, output: "a person refused the call")
}
