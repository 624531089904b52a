import Foundation
import OrderedCollections
import StoaCore
import StoaRuntime
import StoaSandbox
import StoaTools
import Testing

/// The tools of a plan on the real sandbox.
///
/// Where the machine has none, suites that need it are skipped, except in CI, where they fail.
enum RealTools {
    private static let environment = ProcessInfo.processInfo.environment

    private static var cache: String {
        if let cache = environment["STOA_CACHE"], !cache.isEmpty { return cache }
        return (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/root") + "/.cache") + "/stoa"
    }

    private static func find() async throws -> SandboxTools {
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(fileURLWithPath: runner).deletingLastPathComponent().path
        return try await SandboxTools.find(environment: environment, programFolder: folder)
    }

    /// The tools of a plan, to be closed.
    static func toolbox(_ plan: Plan) throws -> Toolbox {
        let resources = ToolResources { packages in
            try PythonSandbox(
                policy: SandboxPolicy(packages: packages, preload: packages?.preload ?? []), tools: try await find(),
                cache: cache, configuration: .init(ready: 0))
        }
        return try Toolbox(plan.tools.values.map(\.specification), resources: resources)
    }

    static func areExpected() async -> Bool {
        if environment["CI"] != nil { return true }
        guard let tools = try? await find() else { return false }
        return PackageSet.mathematics.isInstalled(cache: cache, python: tools.python)
    }
}

/// A machine without a sandbox, and without anything else that carries out calls.
struct NoTools: ToolExecutor {
    struct Missing: StoaError {
        var kind: FailureKind { .noSandbox }
        var message: String { "no usable sandbox: none in this test" }
        var hint: String? { nil }
    }

    var tools: [ToolDefinition]

    init(_ plan: Plan) { tools = plan.tools.values.map(\.specification.definition) }

    func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult { throw Missing() }
}

/// Tools of a process that is gone after so many calls.
final class DyingTools: ToolExecutor {
    private let real: Toolbox
    private let left: Guarded<Int>

    init(_ real: Toolbox, after calls: Int) {
        self.real = real
        left = Guarded(calls)
    }

    var tools: [ToolDefinition] { real.tools }

    func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult {
        let isAlive = left.withLock { left in
            left -= 1
            return left >= 0
        }
        guard isAlive else { throw CancellationError() }
        return try await real.execute(call, in: context)
    }

    func end(_ session: ToolSession) async { await real.end(session) }
}
