internal import OrderedCollections
internal import StoaCore

extension CodeResult {
    /// What came of any tool's call, in the terms of code that was run.
    ///
    /// - Parameter result: what came of the call.
    init(of result: ToolResult) {
        if result.status == .ok || result.status == .failed || result.status == .limit,
            let code = CodeResult(document: result.value)
        {
            self = code
            return
        }
        switch result.status {
        case .ok:
            let value = result.value.stringValue ?? (result.value == .null ? nil : result.value.canonicalText)
            // Tools that return what they print say it once.
            self.init(stdout: result.output == value ? "" : result.output, value: value)
        case .failed: self.init(status: "failed", stderr: result.output)
        case .limit: self.init(status: "timeout", limit: "wall", stderr: result.output)
        case .denied: self.init(status: "denied", stderr: result.output)
        case .interrupted: self.init(status: "interrupted", stderr: result.output)
        }
    }

    /// What a tool says of a call besides what the code itself came to: why there was no interpreter to run it, or that it has
    /// redefined what answers are given with.
    ///
    /// - Parameter result: what came of the call.
    /// - Returns: the words; empty for none.
    func remark(in result: ToolResult) -> String {
        guard CodeResult(document: result.value) != nil else { return "" }
        if isOK {
            return result.output.hasPrefix(stdout) ? String(result.output.dropFirst(stdout.count)) : ""
        }
        return exception == nil && limit == nil ? result.output : ""
    }
}
