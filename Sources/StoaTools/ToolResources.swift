public import StoaSandbox

/// What the tools of a box share; nothing is started until a call needs it.
public struct ToolResources: Sendable {
    let sandboxes: Sandboxes
    let interpreters: Interpreters
    /// How tools reach servers over HTTP; nil where they reach none.
    public var http: HTTPAccess?
    /// The MCP servers of the user's configuration; nil for none.
    ///
    /// They close with the box.
    public var servers: MCPServers?

    /// Creates resources.
    ///
    /// - Parameters:
    ///   - interpreters: the most interpreters that there are at a time, at work and kept for later calls.
    ///   - keepsReady: whether the sandboxes that are to stand ready are started behind the first call.
    ///   - sandbox: makes a sandbox whose code may import a set of packages, where there is one; it closes with the box.
    public init(
        interpreters: Int = 8, keepsReady: Bool = false,
        sandbox: @escaping @Sendable (_ packages: PackageSet?) async throws -> PythonSandbox
    ) {
        sandboxes = Sandboxes(keepsReady: keepsReady, sandbox)
        self.interpreters = Interpreters(capacity: interpreters)
    }

    func close() async {
        await servers?.close()
        await interpreters.close()
        await sandboxes.close()
    }
}
