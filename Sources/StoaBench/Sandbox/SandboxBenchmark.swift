internal import OrderedCollections
public import StoaCore
public import StoaSandbox

/// What the sandbox costs: `stoa bench sandbox`.
///
/// Everything is the real thing: processes, namespaces, filters, probes.
public struct SandboxBenchmark: Sendable {
    /// Sandboxes that are started for each figure.
    public var repetitions = 20
    /// Sessions that are opened, used and closed one after the other, to see whether anything stays behind; 0 for none.
    public var sessions = 0
    private let tools: SandboxTools
    private let cache: String
    let clock: any TimeSource

    /// Cells of a session, after its first.
    private static let cells = 500
    /// Requests at the same time.
    private static let requests = 64

    /// Creates a benchmark.
    ///
    /// - Parameters:
    ///   - tools: what the machine has.
    ///   - cache: the root of the cache, where package sets lie.
    ///   - clock: what time is measured with.
    public init(tools: SandboxTools, cache: String, clock: any TimeSource) {
        self.tools = tools
        self.cache = cache
        self.clock = clock
    }

    /// Measures everything.
    ///
    /// - Parameter progress: told what is being measured.
    /// - Returns: the benchmark document of the command-line contract.
    /// - Throws: `SandboxError` where there is no usable sandbox; `CancellationError`.
    public func run(progress: @Sendable (String) -> Void) async throws -> JSONValue {
        progress("cold starts")
        let bare = SandboxPolicy()
        let cold = try await coldStarts(bare)
        progress("cold starts with numpy and sympy")
        let set = PackageSet.mathematics
        let scientific = SandboxPolicy(packages: set, preload: set.preload)
        let isInstalled = set.isInstalled(cache: cache, python: tools.python)
        let loaded = isInstalled ? try await coldStarts(scientific) : nil
        progress("first cells")
        let first = try await firstCells(bare)
        progress("next cells")
        let next = try await nextCells(bare)
        progress("requests at the same time")
        let parallel = try await parallel(isInstalled ? scientific : bare)
        if sessions > 0 { progress("\(sessions) sessions") }
        let succession = sessions > 0 ? try await succession(bare) : .null
        return [
            "machine": MachineDescription(threads: 1).document, "model": .null,
            "repetitions": .integer(Int64(repetitions)), "python": .string(tools.python.version),
            "cold_start_ms": Self.document(cold), "cold_start_numpy_sympy_ms": loaded.map(Self.document) ?? .null,
            "first_cell_ms": Self.document(first), "next_cell_ms": Self.document(next), "parallel": parallel,
            "sessions": succession,
            "peak_rss_mb": .number(MachineDescription.peakResidentMB),
        ]
    }

    // MARK: Figures

    func make(_ policy: SandboxPolicy, ready: Int = 0) throws -> PythonSandbox {
        try PythonSandbox(
            policy: policy, tools: tools, cache: cache, configuration: .init(ready: ready, running: 4), clock: clock)
    }

    private func milliseconds(_ body: () async throws -> Void) async throws -> Double {
        let begin = clock.now
        try await body()
        return (clock.now - begin) / .milliseconds(1)
    }

    /// From nothing to a sandbox that takes a cell.
    private func coldStarts(_ policy: SandboxPolicy) async throws -> [Double] {
        let sandbox = try make(policy)
        var samples: [Double] = []
        for index in 0...repetitions {
            try Task.checkCancellation()
            var session: SandboxSession?
            let sample = try await milliseconds { session = try await sandbox.openSession() }
            await session?.close()
            // The first reads everything from the disk.
            if index > 0 { samples.append(sample) }
        }
        await sandbox.close()
        return samples
    }

    /// The first cell of a sandbox that stood ready, the opening of the session included.
    private func firstCells(_ policy: SandboxPolicy) async throws -> [Double] {
        let sandbox = try make(policy, ready: 1)
        var samples: [Double] = []
        for index in 0...repetitions {
            try await sandbox.warm()
            var session: SandboxSession?
            let sample = try await milliseconds {
                session = try await sandbox.openSession()
                _ = try await session?.run("6 * 7")
            }
            await session?.close()
            if index > 0 { samples.append(sample) }
        }
        await sandbox.close()
        return samples
    }

    private func nextCells(_ policy: SandboxPolicy) async throws -> [Double] {
        let sandbox = try make(policy)
        var samples: [Double] = []
        if let session = try await sandbox.openSession() {
            _ = try await session.run("x = 0")
            for _ in 0..<Self.cells {
                samples.append(try await milliseconds { _ = try await session.run("x += 1\nx") })
            }
            await session.close()
        }
        await sandbox.close()
        return samples
    }

    /// Many requests at once, some of which run into limits.
    private func parallel(_ policy: SandboxPolicy) async throws -> JSONValue {
        var policy = policy
        policy.limits = SandboxLimits(wall: .seconds(3), outputBytes: 4096)
        let sandbox = try make(policy, ready: 2)
        try await sandbox.warm()
        let clock = clock
        let begin = clock.now
        let outcomes = try await withThrowingTaskGroup(of: (Bool, Double).self) { group in
            for index in 0..<Self.requests {
                group.addTask {
                    let asked = clock.now
                    let result = try await sandbox.run(once: SandboxProgram(code: Self.program(index)))
                    return (Self.isHeld(result, index), (clock.now - asked) / .milliseconds(1))
                }
            }
            return try await group.reduce(into: [(Bool, Double)]()) { $0.append($1) }
        }
        let seconds = (clock.now - begin) / .seconds(1)
        await sandbox.close()
        return [
            "requests": .integer(Int64(outcomes.count)), "as_expected": .integer(Int64(outcomes.count(where: \.0))),
            "seconds": Measurement([seconds]).document,
            "requests_per_second": Measurement([Double(outcomes.count) / seconds]).document,
            "latency_ms": Self.document(outcomes.map(\.1)),
        ]
    }

    private static func program(_ index: Int) -> String {
        switch index % 8 {
        case 5: "bytearray(10 ** 9)"
        case 6: "print('x' * 100_000)"
        case 7: "def spin():\n    while True: pass\nwhile True:\n    try: spin()\n    except BaseException: pass"
        default: "print(sum(range(\(index))))"
        }
    }

    private static func isHeld(_ result: SandboxResult, _ index: Int) -> Bool {
        switch index % 8 {
        case 5: result.limit == .memory
        case 6: result.isOK && result.stdout.isTruncated && result.stdout.text.utf8.count <= 4096
        case 7: result.limit == .wall
        default: result.isOK && result.stdout.text == "\(index * (index - 1) / 2)\n"
        }
    }

    /// `{median, min, max, p50, p95, p99}`.
    private static func document(_ samples: [Double]) -> JSONValue {
        let sorted = samples.sorted()
        func percentile(_ percent: Int) -> JSONValue {
            .number(sorted[min(sorted.count - 1, sorted.count * percent / 100)])
        }
        var document = Measurement(samples).document.objectValue ?? [:]
        for percent in [50, 95, 99] { document["p\(percent)"] = percentile(percent) }
        return .object(document)
    }
}
