/// How strictly code is kept.
public enum SandboxProfile: String, Sendable, Hashable, CaseIterable {
    /// One process, no new programs, no network: the default.
    case strict
    /// May start processes of what the sandbox shows; for tools that ask for it. No network either.
    case subprocess
}

/// What keeps the code.
public enum SandboxBackend: Sendable, Hashable {
    /// Namespaces made by bubblewrap, on this machine's kernel.
    case bubblewrap
    /// A container of an engine (podman or docker): for machines where users may not make namespaces.
    ///
    /// The engine and the image come from the user's configuration, never from a playbook.
    case container(engine: String, image: String)

    /// The name that events record.
    public var name: String {
        switch self {
        case .bubblewrap: "bubblewrap"
        case .container(let engine, _): "container:\(engine)"
        }
    }
}

/// Everything that decides how a sandbox is built.
public struct SandboxPolicy: Sendable, Hashable {
    /// How strictly code is kept.
    public var profile: SandboxProfile
    /// What keeps it.
    public var backend: SandboxBackend
    /// What code may use.
    public var limits: SandboxLimits
    /// The packages it may import besides the standard library; nil for none.
    public var packages: PackageSet?
    /// The packages that are imported before the first cell.
    public var preload: [String]
    /// How long a session may stand unused before it is closed; nil for as long as its owner keeps it.
    public var idle: Duration?

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - profile: how strictly code is kept.
    ///   - backend: what keeps it.
    ///   - limits: what code may use.
    ///   - packages: what it may import besides the standard library.
    ///   - preload: what is imported before the first cell.
    ///   - idle: how long a session may stand unused before it is closed.
    public init(
        profile: SandboxProfile = .strict, backend: SandboxBackend = .bubblewrap, limits: SandboxLimits = .init(),
        packages: PackageSet? = nil, preload: [String] = [], idle: Duration? = nil
    ) {
        self.profile = profile
        self.backend = backend
        self.limits = limits
        self.packages = packages
        self.preload = preload
        self.idle = idle
    }

    /// All processes of the `subprocess` profile together may have this much memory resident.
    var residentBytes: Int { profile == .subprocess ? limits.memoryBytes : 0 }
}
