public import StoaCore

/// Runs Python that nobody has read: each program and each session in a sandbox of its own, never one used before.
///
/// There is no way to run code without a sandbox. Every sandbox proves itself before it gets any: it tries the ways out that
/// must be closed, and one that finds an open way is refused.
///
/// Isolation: an actor. At most `Configuration.running` sandboxes are at work at a time; others wait in a bounded queue, and
/// are refused when their time is up.
public actor PythonSandbox {
    /// How sandboxes are kept ready.
    public struct Configuration: Sendable, Hashable {
        /// Sandboxes that stand ready, their packages imported.
        public var ready: Int
        /// Sandboxes at work at the same time.
        public var running: Int
        /// Requests that may wait.
        public var waiting: Int
        /// How long they wait.
        public var patience: Duration

        /// Creates a configuration.
        ///
        /// - Parameters:
        ///   - ready: sandboxes that stand ready.
        ///   - running: sandboxes at work at the same time.
        ///   - waiting: requests that may wait.
        ///   - patience: how long they wait.
        public init(ready: Int = 2, running: Int = 8, waiting: Int = 256, patience: Duration = .seconds(60)) {
            self.ready = ready
            self.running = running
            self.waiting = waiting
            self.patience = patience
        }
    }

    /// What every sandbox is like.
    public nonisolated let policy: SandboxPolicy
    private let tools: SandboxTools
    private let packages: String?
    private let configuration: Configuration
    private let clock: any TimeSource
    private let identifiers: any IdentifierSource

    private var pool: [SandboxProcess] = []
    /// Sandboxes being started for the pool.
    ///
    /// Owned by this actor: `close` awaits them.
    private var filling: [Int: Task<Void, Never>] = [:]
    private var slot: Int
    private var atWork = 0
    private var queue: [(ticket: Int, continuation: CheckedContinuation<Void, Never>)] = []
    /// Those in the queue to whom room was given.
    private var granted: Set<Int> = []
    private var nextTicket = 0
    private var isClosed = false

    /// Creates a sandbox maker; nothing is started until `warm` or the first request.
    ///
    /// - Parameters:
    ///   - policy: what every sandbox is like.
    ///   - tools: what the machine has.
    ///   - cache: the root of the cache, where package sets lie.
    ///   - configuration: how sandboxes are kept ready.
    ///   - clock: what waiting is measured with.
    ///   - identifiers: where names and nonces come from.
    /// - Throws: `SandboxError` where the policy's packages are missing, or its limits cannot be held.
    public init(
        policy: SandboxPolicy, tools: SandboxTools, cache: String, configuration: Configuration = .init(),
        clock: any TimeSource = SystemTimeSource(), identifiers: any IdentifierSource = SystemIdentifierSource()
    ) throws(SandboxError) {
        try policy.limits.validate()
        if let set = policy.packages {
            guard set.isInstalled(cache: cache, python: tools.python) else {
                throw .missingPackages(set, "not installed for Python \(tools.python.version)")
            }
            packages = set.folder(cache: cache, python: tools.python)
        } else {
            packages = nil
        }
        self.policy = policy
        self.tools = tools
        self.configuration = configuration
        self.clock = clock
        self.identifiers = identifiers
        // Two programs on one machine should not begin with the same user.
        slot = Int(identifiers.next() % 184)
    }

    // MARK: Use

    /// Starts the sandboxes that are to stand ready, and waits until they do.
    ///
    /// - Throws: `SandboxError` where there is no usable sandbox; `CancellationError`.
    public func warm() async throws {
        guard configuration.ready > 0, pool.isEmpty else { return }
        let first = try await start(policy)
        if isClosed { await first.close() } else { pool.append(first) }
        refill()
        for task in filling.values { await task.value }
    }

    /// Runs one program in a sandbox of its own.
    ///
    /// - Parameters:
    ///   - program: the program.
    ///   - seed: where its random numbers begin.
    ///   - limits: what it may use; nil for the policy's.
    /// - Returns: what came of it, whatever it did.
    /// - Throws: `SandboxError` where there is no usable sandbox; `CancellationError`.
    public func run(
        once program: SandboxProgram, seed: UInt64 = 0, limits: SandboxLimits? = nil
    ) async throws -> SandboxResult {
        let begin = clock.now
        guard let session = try await openIfRoom(seed: seed, limits: limits) else { return refusal(waited: begin) }
        let opened = clock.now
        var result: SandboxResult
        do {
            result = try await session.run(once: program)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        result.session.isAlive = false
        result.timing.queue = max(.zero, opened - begin - result.timing.start)
        if result.exit == .init() { result.exit.code = result.isOK ? 0 : result.status == .exception ? 1 : nil }
        return result
    }

    /// Opens a session, waiting for room if need be.
    ///
    /// - Parameters:
    ///   - seed: where its random numbers begin.
    ///   - limits: what its cells may use; nil for the policy's.
    /// - Returns: the session, to be closed by the caller; nil where there was no room in time.
    /// - Throws: `SandboxError` where there is no usable sandbox; `CancellationError`.
    public func openSession(seed: UInt64 = 0, limits: SandboxLimits? = nil) async throws -> SandboxSession? {
        try await openIfRoom(seed: seed, limits: limits)
    }

    /// Ends what stands ready, refuses who waits, and waits for both.
    ///
    /// Sessions are their owners' to close.
    public func close() async {
        isClosed = true
        for waiter in queue { waiter.continuation.resume() }
        queue = []
        for task in filling.values { await task.value }
        let ready = pool
        pool = []
        await withTaskGroup { group in
            for process in ready { group.addTask { await process.close() } }
        }
    }

    // MARK: Sandboxes

    private func openIfRoom(seed: UInt64, limits: SandboxLimits?) async throws -> SandboxSession? {
        let limits = limits ?? policy.limits
        try limits.validate()
        guard try await takeRoom() else { return nil }
        do {
            let (process, isFresh) = try await take(limits)
            if !isFresh { refill() }
            let lowered = limits.memoryBytes < policy.limits.memoryBytes && !isFresh ? limits.memoryBytes : nil
            let session = SandboxSession(
                process: process, id: String(identifiers.next(), radix: 16), seed: seed, limits: limits,
                memoryBytes: lowered, idle: policy.idle, clock: clock, identifiers: identifiers,
                onClose: { [weak self] in await self?.giveRoom() })
            await session.watchIdleness()
            return session
        } catch {
            giveRoom()
            throw error
        }
    }

    /// A sandbox that stands ready, or one made now.
    private func take(_ limits: SandboxLimits) async throws -> (process: SandboxProcess, isFresh: Bool) {
        if limits.memoryBytes <= policy.limits.memoryBytes, policy.profile == .strict, !pool.isEmpty {
            return (pool.removeFirst(), false)
        }
        var own = policy
        own.limits = limits
        return (try await start(own), true)
    }

    private func start(_ policy: SandboxPolicy) async throws -> SandboxProcess {
        slot += 1
        let command = try LaunchCommand(policy, tools, packages: packages, slot: slot)
        return try await SandboxProcess.start(command, clock: clock)
    }

    private func refill() {
        while !isClosed, pool.count + filling.count < configuration.ready {
            nextTicket += 1
            let ticket = nextTicket
            // Owned by `filling`, which `close` awaits.
            filling[ticket] = Task {
                let process = try? await start(policy)
                filling[ticket] = nil
                guard let process else { return }
                if isClosed { await process.close() } else { pool.append(process) }
            }
        }
    }

    // MARK: Room

    private func refusal(waited begin: Duration) -> SandboxResult {
        var result = SandboxResult(status: .refused, session: .init(id: "", cell: 0, isAlive: false))
        result.timing.queue = clock.now - begin
        result.reason = isClosed ? "the sandbox was closed" : "no sandbox was free in time"
        return result
    }

    /// Waits for room; false where there is none in time.
    private func takeRoom() async throws -> Bool {
        guard !isClosed else { return false }
        if atWork < configuration.running {
            atWork += 1
            return true
        }
        guard queue.count < configuration.waiting else { return false }
        nextTicket += 1
        let ticket = nextTicket
        // Room may be granted at the very moment at which the time is up: what counts is the grant.
        _ = try? await clock.withTimeout(configuration.patience, of: "a free sandbox") { [self] in
            await withTaskCancellationHandler {
                await wait(ticket)
            } onCancel: {
                // Ends by itself: it does one short thing on the actor.
                Task { await self.leaveQueue(ticket) }
            }
        }
        let isGranted = granted.remove(ticket) != nil
        if Task.isCancelled {
            if isGranted { giveRoom() }
            throw CancellationError()
        }
        return isGranted
    }

    private func wait(_ ticket: Int) async {
        if Task.isCancelled || isClosed { return }
        await withCheckedContinuation { queue.append((ticket, $0)) }
    }

    private func leaveQueue(_ ticket: Int) {
        guard let index = queue.firstIndex(where: { $0.ticket == ticket }) else { return }
        queue.remove(at: index).continuation.resume()
    }

    private func giveRoom() {
        guard !queue.isEmpty else {
            atWork -= 1
            return
        }
        let next = queue.removeFirst()
        granted.insert(next.ticket)
        next.continuation.resume()
    }
}
