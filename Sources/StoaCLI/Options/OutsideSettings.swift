internal import OrderedCollections
internal import StoaCore
internal import StoaHTTP
internal import StoaTools

extension CommandContext {
    /// Lets tools reach what the user's settings name, and nothing that a playbook says: `http_hosts` and `mcp_servers`.
    ///
    /// - Parameter resources: what tools share.
    /// - Throws: `CLIError` for a setting that cannot be read; `ToolError` for a host or a server of another form.
    func reach(_ resources: inout ToolResources) throws {
        let variables = environment.variables
        if let setting = try structured("http_hosts", expected: "a list of HOST[:PORT] [env:NAME ...]") {
            let entries = (setting.document.arrayValue ?? [setting.document]).map { $0.stringValue ?? $0.text }
            resources.http = HTTPAccess(
                hosts: try HTTPHosts(entries), variable: { variables[$0] }, transport: NetworkTransport())
        }
        if let setting = try structured("mcp_servers", expected: "{NAME: {command: [...], env: [...]}, ...}") {
            resources.servers = MCPServers(try MCPServer.list(setting.document), variable: { variables[$0] })
        }
    }
}
