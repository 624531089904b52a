internal import StoaCore
internal import StoaHub
internal import StoaSandbox
internal import StoaServer

/// The sandbox of this machine, with the packages that code needs.
struct SandboxAccess {
    let context: CommandContext
    /// How strictly code is kept.
    var profile: SandboxProfile = .strict

    /// The root of the cache.
    private var cache: String {
        get throws { try StoreLocation(environment: context.environment.variables).root }
    }

    /// What the machine has to build sandboxes with.
    func tools() async throws -> SandboxTools {
        try await SandboxTools.find(
            for: context.sandboxBackend, environment: context.environment.variables,
            programFolder: CommandContext.programFolder)
    }

    /// A sandbox for code that is known.
    ///
    /// - Parameters:
    ///   - code: everything that will run; nil where that is not known yet.
    ///   - limits: what it may use.
    /// - Returns: the sandbox, to be closed by the caller.
    /// - Throws: `SandboxError` where there is no usable sandbox, or the packages that the code names cannot be had.
    func sandbox(for code: [String]?, limits: SandboxLimits) async throws -> PythonSandbox {
        let tools = try await tools()
        let set = PackageSet.mathematics
        let named = code.map { code in set.preload.filter { name in code.contains { $0.contains(name) } } }
        let needsSet = named.map { !$0.isEmpty } ?? true
        var packages: PackageSet?
        if try set.isInstalled(cache: cache, python: tools.python) {
            packages = set
        } else if needsSet || code?.contains(where: { $0.contains("mpmath") }) == true {
            try await install(set, tools)
            packages = set
        }
        let policy = SandboxPolicy(
            profile: profile, backend: try context.sandboxBackend, limits: limits, packages: packages,
            preload: packages == nil ? [] : named ?? set.preload)
        return try PythonSandbox(
            policy: policy, tools: tools, cache: try cache, configuration: .init(ready: 0))
    }

    /// A sandbox for tools, whose code may import a set of packages.
    ///
    /// - Parameters:
    ///   - packages: the set, fetched where it is missing; nil for none.
    ///   - ready: how many sandboxes stand ready.
    /// - Returns: the sandbox, to be closed by the caller.
    /// - Throws: `SandboxError` where there is no usable sandbox, or the packages cannot be had.
    func sandbox(for packages: PackageSet?, ready: Int) async throws -> PythonSandbox {
        let tools = try await tools()
        if let packages { try await install(packages, tools) }
        // The memory of those that stand ready: a tool that may have less gets less, one that may have more a sandbox of its own.
        let limits = SandboxLimits(memoryBytes: 1 << 30)
        let policy = SandboxPolicy(
            profile: profile, backend: try context.sandboxBackend, limits: limits, packages: packages,
            preload: packages?.preload ?? [])
        return try PythonSandbox(
            policy: policy, tools: tools, cache: try cache, configuration: .init(ready: ready, running: 16))
    }

    /// A server of sandboxes in which everything can be imported.
    ///
    /// - Parameters:
    ///   - limits: the most that a request can have.
    ///   - configuration: how much is done for whom.
    /// - Returns: the server.
    /// - Throws: `SandboxError` where there is no usable sandbox, or the packages cannot be had.
    func server(_ limits: SandboxLimits, _ configuration: SandboxServer.Configuration) async throws -> SandboxServer {
        let tools = try await tools()
        let set = PackageSet.mathematics
        try await install(set, tools)
        let policy = SandboxPolicy(
            profile: profile, backend: try context.sandboxBackend, limits: limits, packages: set, preload: set.preload)
        return try SandboxServer(policy: policy, tools: tools, cache: try cache, configuration: configuration)
    }

    /// Fetches a package set where it is missing, and says so.
    func install(_ set: PackageSet, _ tools: SandboxTools) async throws {
        guard try !set.isInstalled(cache: cache, python: tools.python) else { return }
        let names = set.requirements.map { $0.prefix { $0 != ";" } }.joined(separator: ", ")
        context.console.note("fetching \(names) for the sandbox …")
        try await set.install(
            cache: cache, python: tools.python, environment: context.environment.variables)
    }

    /// Where a package set is, or would be.
    func folder(_ set: PackageSet, _ tools: SandboxTools) throws -> String {
        set.folder(cache: try cache, python: tools.python)
    }

    func isInstalled(_ set: PackageSet, _ tools: SandboxTools) throws -> Bool {
        set.isInstalled(cache: try cache, python: tools.python)
    }
}
