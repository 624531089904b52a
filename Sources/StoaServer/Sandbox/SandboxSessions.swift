internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

/// The sessions of a server, by the names that clients give them.
///
/// Isolation: an actor. A session is opened by its first use; one that has ended stays known until its next use, which is told
/// so once, and after that begins anew.
actor SandboxSessions {
    private let sandbox: PythonSandbox
    /// Names of sessions that have ended are forgotten, the oldest first, when there are more than this.
    private let capacity: Int
    /// Owned by this actor: `close` awaits them.
    private var sessions: OrderedDictionary<String, Task<SandboxSession?, any Error>> = [:]
    private var isClosed = false

    init(sandbox: PythonSandbox, capacity: Int) {
        self.sandbox = sandbox
        self.capacity = capacity
    }

    /// How many names are known.
    var count: Int { sessions.count }

    /// The session of a name, opened if need be.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - limits: what a new one may use.
    /// - Returns: the session; nil where there is no room for another.
    /// - Throws: `SandboxError` where there is no usable sandbox.
    func session(_ name: String, limits: SandboxLimits) async throws -> SandboxSession? {
        if let opening = sessions[name] { return try await opening.value }
        guard !isClosed else { return nil }
        await forgetEnded()
        if let opening = sessions[name] { return try await opening.value }
        // Owned by `sessions`. A client that goes away meanwhile leaves a session that is closed once it has been idle.
        let opening = Task { [sandbox] in try await sandbox.openSession(limits: limits) }
        sessions[name] = opening
        do {
            if let session = try await opening.value { return session }
            if sessions[name] == opening { sessions[name] = nil }
            return nil
        } catch {
            if sessions[name] == opening { sessions[name] = nil }
            throw error
        }
    }

    /// Ends a session.
    ///
    /// - Parameter name: its name.
    /// - Returns: whether there was one.
    func end(_ name: String) async -> Bool {
        guard let opening = sessions.removeValue(forKey: name) else { return false }
        try? await opening.value?.close()
        return true
    }

    /// Forgets a session that has ended, so that the name can begin anew.
    func forget(_ name: String, _ session: SandboxSession) async {
        guard let opening = sessions[name], let known = try? await opening.value, known === session else { return }
        if sessions[name] == opening { sessions[name] = nil }
        await session.close()
    }

    /// Ends all of them.
    func close() async {
        isClosed = true
        let all = sessions.values
        sessions = [:]
        await withTaskGroup { group in
            for opening in all { group.addTask { try? await opening.value?.close() } }
        }
    }

    private func forgetEnded() async {
        guard sessions.count >= capacity else { return }
        for (name, opening) in sessions {
            guard sessions.count >= capacity else { return }
            guard let session = try? await opening.value, await !session.isAlive else { continue }
            if sessions[name] == opening { sessions[name] = nil }
        }
    }
}
