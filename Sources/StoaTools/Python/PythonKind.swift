internal import OrderedCollections
public import StoaCore
internal import StoaSandbox

/// `python`: a function `run` that somebody wrote in a `main.py`, called in the sandbox.
///
/// The arguments of a call are its keyword arguments; what it returns as JSON is the value, and what it prints the output.
public enum PythonKind: ToolKind {
    /// Its tools have code and may name packages.
    public static var outline: ToolKindOutline {
        ToolKindOutline(name: "python", hasSource: true, packageSets: PackageSet.all.map(\.name))
    }

    /// Makes the tool.
    public static func make(_ specification: ToolSpecification, with resources: ToolResources) throws -> any Tool {
        guard let source = specification.source else {
            throw ToolError.invalid(specification.name, "there is no code", hint: "write a main.py that defines run()")
        }
        let limits = SandboxLimits(specification.limits)
        try limits.validate()
        return PythonTool(
            calls: InterpreterCalls(
                tool: specification.name, packages: try specification.packageSet(), limits: limits,
                resources: resources, work: PythonWork(tool: specification.name, source: source, limits: limits)))
    }
}

private struct PythonTool: Tool {
    let calls: InterpreterCalls

    func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult {
        try await calls.call(arguments, in: context)
    }

    func end(_ session: ToolSession) async { await calls.end(session) }
}

private struct PythonWork: InterpreterWork {
    let tool: String
    let source: String
    let limits: SandboxLimits

    /// The members of a failure's value that say that the interpreter did not outlive it, or had not outlived another.
    private static let (ended, lost) = ("interpreter_ended", "session_lost")

    func prepare(_ interpreter: SandboxSession) async throws -> ToolResult? {
        let found = try await interpreter.load(source)
        guard let reason = found.failure(limits) else { return nil }
        return ToolResult(
            status: found.toolStatus, output: "\(tool): main.py cannot be loaded: \(reason)",
            details: found.observations)
    }

    func run(_ arguments: JSONValue, on interpreter: SandboxSession) async throws -> WorkResult {
        let found = try await interpreter.call("run", with: arguments)
        if found.status == .sessionLost { return WorkResult(result: loss(found.reason ?? ""), isLost: true) }
        var result = ToolResult(status: found.toolStatus, output: found.stdout.text, details: found.observations)
        if let reason = found.failure(limits) {
            result.output = "\(tool): \(reason)"
            if !found.session.isAlive { result.value = [Self.ended: true] }
        } else if found.isValueTruncated {
            let most = min(limits.outputBytes, SandboxSession.maximumDocumentBytes)
            result.status = .limit
            result.output = "\(tool): run returned more than \(most) bytes"
        } else if let text = found.value, let value = try? JSONParser.parse(text) {
            result.value = value
        } else {
            result.status = .failed
            result.output = "\(tool): run returned what JSON cannot say"
        }
        return WorkResult(result: result)
    }

    func endedInterpreter(_ result: ToolResult) -> Bool {
        result.status != .ok && result.value[Self.ended] == true
    }

    func loss(_ reason: String) -> ToolResult {
        ToolResult(status: .failed, value: [Self.lost: true], output: "\(tool): \(reason)")
    }

    func isLoss(_ result: ToolResult) -> Bool { result.status == .failed && result.value[Self.lost] == true }
}
