public import StoaCore

/// A call of a function that a session has loaded.
struct SandboxCall: Sendable, Hashable {
    /// The function's name.
    var function: String
    /// Its arguments by name, an object.
    var arguments: JSONValue
}

/// Functions in the sandbox, called with JSON from outside.
extension SandboxSession {
    /// The longest document that a function can return.
    public static let maximumDocumentBytes = 256 << 10

    /// Begins the session with code that defines functions, as a module of the name `tool`.
    ///
    /// What stands under `if __name__ == "__main__":` is not run.
    ///
    /// - Parameters:
    ///   - source: Python.
    ///   - name: the name that tracebacks give it.
    ///   - limits: what it may use; nil for the session's. The memory is always the session's.
    /// - Returns: what came of it.
    /// - Throws: `SandboxError` for code or limits that cannot be handed over; `CancellationError`, which ends the session.
    public func load(
        _ source: String, named name: String = "main.py", limits: SandboxLimits? = nil
    ) async throws -> SandboxResult {
        try await run(SandboxProgram(code: source, name: name), limits: limits, isProgram: false, module: "tool")
    }

    /// Calls a function that the session has loaded.
    ///
    /// What it returns is in the result's `value`, as JSON, apart from whatever it prints. A value that JSON cannot say is an
    /// exception.
    ///
    /// - Parameters:
    ///   - function: the function's name.
    ///   - arguments: its arguments by name, an object.
    ///   - limits: what the call may use; nil for the session's. The memory is always the session's.
    /// - Returns: what came of it.
    /// - Throws: `SandboxError` for arguments or limits that cannot be handed over; `CancellationError`, which ends the session.
    public func call(
        _ function: String, with arguments: JSONValue, limits: SandboxLimits? = nil
    ) async throws -> SandboxResult {
        let length = arguments.text.utf8.count
        guard length <= CellRequest.maximumCodeBytes else { throw SandboxError.codeTooLong(length) }
        var limits = limits ?? self.limits
        // A document that is cut is none.
        limits.valueBytes = Self.maximumDocumentBytes
        return try await run(
            SandboxProgram(code: "", name: "<call>"), limits: limits, isProgram: false,
            call: SandboxCall(function: function, arguments: arguments))
    }
}
