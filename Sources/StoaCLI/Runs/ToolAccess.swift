internal import StoaCore
internal import StoaTools

extension CommandContext {
    /// Tools as this machine can carry them out; nothing is started before the first call.
    ///
    /// - Parameters:
    ///   - specifications: what the tools are.
    ///   - keepsReady: whether a sandbox stands ready behind the first: for those who call more than once.
    /// - Returns: the tools, to be closed by the caller.
    /// - Throws: `ToolError` for a tool that cannot be made from what is said of it; `CLIError` for settings of hosts or
    ///   servers that cannot be read.
    func toolbox(_ specifications: [ToolSpecification], keepsReady: Bool = true) throws -> Toolbox {
        let access = SandboxAccess(context: self)
        var resources = ToolResources(keepsReady: keepsReady) {
            try await access.sandbox(for: $0, ready: keepsReady ? 1 : 0)
        }
        try reach(&resources)
        return try Toolbox(specifications, resources: resources)
    }
}
