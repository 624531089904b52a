internal import StoaSandbox

/// The sandboxes of a tool box: one for each set of packages, made for the first call that needs it.
///
/// Isolation: an actor; any number of callers.
actor Sandboxes {
    private let make: @Sendable (PackageSet?) async throws -> PythonSandbox
    /// Owned by this actor: whoever needs a sandbox awaits it, and so does `close`.
    private var made: [PackageSet?: Task<PythonSandbox, any Error>] = [:]
    private var isClosed = false

    private let keepsReady: Bool
    /// Sandboxes being started to stand ready.
    ///
    /// Owned by this actor: `close` awaits them.
    private var warming: [PackageSet?: Task<Void, Never>] = [:]

    init(keepsReady: Bool, _ make: @escaping @Sendable (PackageSet?) async throws -> PythonSandbox) {
        self.keepsReady = keepsReady
        self.make = make
    }

    /// A session in the sandbox of a set of packages.
    ///
    /// - Throws: `SandboxError` where there is no usable sandbox; `ToolError` where none is free in time, or the box is closed.
    func open(_ packages: PackageSet?, seed: UInt64, limits: SandboxLimits) async throws -> SandboxSession {
        let sandbox = try await sandbox(packages)
        guard let session = try await sandbox.openSession(seed: seed, limits: limits) else { throw ToolError.noRoom }
        if keepsReady, !isClosed, warming[packages] == nil {
            // Owned by `warming`. Where it fails, the next call says why.
            warming[packages] = Task { try? await sandbox.warm() }
        }
        return session
    }

    private func sandbox(_ packages: PackageSet?) async throws -> PythonSandbox {
        guard !isClosed else { throw ToolError.closed }
        if let task = made[packages] { return try await task.value }
        // Owned by `made`; a caller that is cancelled leaves it to the others.
        let task = Task { [make] in try await make(packages) }
        made[packages] = task
        do {
            return try await task.value
        } catch {
            // What is missing may be there the next time.
            made[packages] = nil
            throw error
        }
    }

    func close() async {
        isClosed = true
        for task in warming.values { await task.value }
        warming = [:]
        let tasks = Array(made.values)
        made = [:]
        for task in tasks { if let sandbox = try? await task.value { await sandbox.close() } }
    }
}
