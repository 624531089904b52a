internal import Glibc

/// A program and its arguments that become one sandbox.
struct LaunchCommand: Sendable, Hashable {
    let program: String
    let arguments: [String]
    /// The whole environment; the launcher gets none.
    var environment: [String: String] = [:]

    /// Users that sandboxes started by root run as, one after the other.
    ///
    /// No Debian system gives them to anyone.
    static let users = 61_000..<61_184

    /// The command for bubblewrap.
    ///
    /// - Parameters:
    ///   - policy: what the sandbox is to be like.
    ///   - tools: what the machine has.
    ///   - packages: the folder of the package set; nil for none.
    ///   - slot: a number that differs between sandboxes that run at the same time.
    /// - Throws: `SandboxError` where bubblewrap was not looked for.
    init(
        _ policy: SandboxPolicy, _ tools: SandboxTools, packages: String?, slot: Int
    ) throws(SandboxError) {
        if case .container(let engine, let image) = policy.backend {
            self = ContainerLaunch.command(policy, tools, engine: engine, image: image, packages: packages, slot: slot)
            return
        }
        guard let bubblewrap = tools.bubblewrap else {
            throw .unavailable("no bwrap in PATH", cure: "run: apt-get install bubblewrap")
        }
        var words = ["launch", "--bwrap", bubblewrap.path, "--python", tools.python.executable]
        if bubblewrap.disablesNamespaces { words.append("--disable-userns") }
        if geteuid() == 0 { words += ["--user", String(Self.users.lowerBound + slot % Self.users.count)] }
        words += ["--profile", policy.profile.rawValue, "--memory", String(policy.limits.memoryBytes)]
        words += ["--preload", policy.preload.joined(separator: ",")]
        if policy.residentBytes > 0 { words += ["--resident-bytes", String(policy.residentBytes)] }
        for bind in tools.python.binds { words += ["--bind", bind.source, bind.destination] }
        for link in tools.python.links { words += ["--link", link.source, link.destination] }
        if let packages { words += ["--bind", packages, "/packages"] }
        program = tools.launcher
        arguments = words
    }

    /// A command as it is.
    init(program: String, arguments: [String], environment: [String: String]) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }
}
