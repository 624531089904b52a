internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

/// What `POST /run_code` answers: SandboxFusion's document, and what a session adds to it.
enum RunCodeAnswer {
    /// Why nothing was run.
    static func error(_ message: String, session: String? = nil) -> JSONValue {
        document(status: "SandboxError", message: message, run: .null, session: session)
    }

    /// What came of running.
    ///
    /// - Parameters:
    ///   - result: the sandbox's own result; not one of code that was not run.
    ///   - session: the session's name as the client gives it.
    /// - Returns: the document.
    static func document(_ result: SandboxResult, session: String?) -> JSONValue {
        let code = returnCode(result)
        var errors = result.stderr.text
        if let exception = result.exception, exception.type != "SystemExit" { errors += exception.traceback }
        let run: JSONValue = [
            "status": result.status == .timeout ? "TimeLimitExceeded" : "Finished",
            "execution_time": .number(result.timing.wall / .seconds(1)),
            "return_code": code.map { .integer(Int64($0)) } ?? .null, "stdout": .string(result.stdout.text),
            "stderr": .string(errors),
        ]
        return document(
            status: code == 0 ? "Success" : "Failed", message: result.reason ?? "", run: run, result: result,
            session: session)
    }

    private static func document(
        status: String, message: String, run: JSONValue, result: SandboxResult? = nil, session: String?
    ) -> JSONValue {
        var files: JSONValue.Members = [:]
        for (name, bytes) in (result?.files ?? [:]).sorted(by: { $0.key < $1.key }) {
            files[name] = .string(Base64.encode(bytes))
        }
        var members: JSONValue.Members = [
            "status": .string(status), "message": .string(message), "compile_result": .null, "run_result": run,
            "executor_pod_name": .null, "files": .object(files),
        ]
        if let session {
            members["session_id"] = .string(session)
            members["value"] = result?.value.map { .string($0) } ?? .null
        }
        if let result { members["limit"] = result.limit.map { .string($0.rawValue) } ?? .null }
        return .object(members)
    }

    /// What a process that ended like this would have returned; nil for one that ran out of time.
    ///
    /// A process that left by itself is never a success, whatever its code: anybody's code can call `os._exit(0)`.
    private static func returnCode(_ result: SandboxResult) -> Int? {
        switch result.status {
        case .ok: return 0
        case .timeout: return nil
        case .exception: return result.exit.code ?? 1
        default:
            if let signal = result.exit.signal { return -signal }
            let code = result.exit.code ?? 1
            return code == 0 ? 1 : code
        }
    }
}
