public import StoaCore
internal import StoaSandbox

/// `code`: runs Python that the caller writes, in the sandbox.
///
/// The argument `code` is a cell; the value is a `CodeResult`'s document. In a session the variables stay. Code can call
/// `final_answer`, whose argument is in the result, whatever the code prints.
public enum CodeKind: ToolKind {
    /// Its tools may name packages.
    public static var outline: ToolKindOutline {
        ToolKindOutline(name: "code", packageSets: PackageSet.all.map(\.name))
    }

    /// Makes the tool.
    public static func make(_ specification: ToolSpecification, with resources: ToolResources) throws -> any Tool {
        let limits = SandboxLimits(specification.limits)
        try limits.validate()
        return CodeTool(
            calls: InterpreterCalls(
                tool: specification.name, packages: try specification.packageSet(), limits: limits,
                resources: resources, work: CodeWork(tool: specification.name, limits: limits)))
    }
}

private struct CodeTool: Tool {
    let calls: InterpreterCalls

    func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult {
        try await calls.call(arguments, in: context)
    }

    func end(_ session: ToolSession) async { await calls.end(session) }
}

private struct CodeWork: InterpreterWork {
    let tool: String
    let limits: SandboxLimits

    func prepare(_ interpreter: SandboxSession) async throws -> ToolResult? { nil }

    func run(_ arguments: JSONValue, on interpreter: SandboxSession) async throws -> WorkResult {
        guard let code = arguments["code"]?.stringValue else {
            return WorkResult(
                result: ToolResult(status: .failed, output: "\(tool): arguments.code: expected a text, found none"))
        }
        let found = try await interpreter.run(code, offersAnswer: true)
        if found.status == .sessionLost { return WorkResult(result: loss(found.reason ?? ""), isLost: true) }
        let result = CodeResult(found)
        var output = found.failure(limits) ?? result.stdout
        if found.isAnswerReplaced {
            output += output.isEmpty || output.hasSuffix("\n") ? "" : "\n"
            output += "the code has made final_answer something else: what that is given is not taken for an answer"
        }
        return WorkResult(
            result: ToolResult(
                status: found.toolStatus, value: result.document, output: output, details: found.observations))
    }

    func endedInterpreter(_ result: ToolResult) -> Bool {
        guard let result = CodeResult(document: result.value) else { return false }
        switch SandboxResult.Status(rawValue: result.status) {
        case .terminated?, .protocolViolation?: return true
        case .timeout?: return result.limit != SandboxResult.Limit.softWall.rawValue
        default: return false
        }
    }

    func loss(_ reason: String) -> ToolResult {
        let result = CodeResult(status: SandboxResult.Status.sessionLost.rawValue)
        return ToolResult(status: .failed, value: result.document, output: reason)
    }

    func isLoss(_ result: ToolResult) -> Bool {
        CodeResult(document: result.value)?.status == SandboxResult.Status.sessionLost.rawValue
    }
}

extension CodeResult {
    /// What is the same of a result every time.
    init(_ result: SandboxResult) {
        self.init(
            status: result.status.rawValue, limit: result.limit?.rawValue, stdout: result.stdout.text,
            stderr: result.stderr.text, value: result.value,
            exception: result.exception.map {
                Exception(type: $0.type, message: $0.message, traceback: $0.traceback)
            },
            answer: result.answer)
    }
}
