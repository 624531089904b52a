import Foundation
import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaSandbox
import StoaTools
import Testing

/// Tools as tests use them: on the real sandbox, or on none.
///
/// Where the machine has no sandbox, suites that need one are skipped, except in CI, where they fail.
enum TestTools {
    static let environment = ProcessInfo.processInfo.environment
    static let mustWork = environment["CI"] != nil

    /// The folder of the test runner, in which the launcher is built too.
    static var programFolder: String {
        get throws {
            let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: runner).deletingLastPathComponent().path
        }
    }

    /// Where `make test` has put the packages.
    static var cache: String {
        if let cache = environment["STOA_CACHE"], !cache.isEmpty { return cache }
        return (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/root") + "/.cache") + "/stoa"
    }

    /// Found once: the interpreter and bubblewrap are asked what they are.
    private static let found = Task {
        try await SandboxTools.find(environment: environment, programFolder: try programFolder)
    }

    /// Resources on the real sandbox.
    ///
    /// - Parameters:
    ///   - interpreters: the most that there are at a time.
    ///   - mark: a word that stands in the command lines of every process of the sandboxes.
    /// - Returns: the resources.
    static func resources(interpreters: Int = 8, mark: String? = nil) -> ToolResources {
        ToolResources(interpreters: interpreters) { packages in
            try PythonSandbox(
                policy: SandboxPolicy(
                    packages: packages, preload: (packages?.preload ?? []) + (mark.map { [$0] } ?? [])),
                tools: try await found.value, cache: cache, configuration: .init(ready: 0))
        }
    }

    /// Resources of a machine without a sandbox.
    static var noResources: ToolResources { ToolResources { _ in throw NoSandbox() } }

    struct NoSandbox: StoaError {
        var kind: FailureKind { .noSandbox }
        var message: String { "no usable sandbox: none in this test" }
        var hint: String? { nil }
    }

    static func hasSandbox(_ packages: PackageSet?) async -> Bool {
        if mustWork { return true }
        guard let tools = try? await found.value else { return false }
        if let packages, !packages.isInstalled(cache: cache, python: tools.python) { return false }
        guard
            let sandbox = try? PythonSandbox(
                policy: SandboxPolicy(), tools: tools, cache: cache, configuration: .init(ready: 0))
        else { return false }
        let session = try? await sandbox.openSession()
        await session?.close()
        await sandbox.close()
        return session != nil
    }

    /// Does something with a box, which is closed behind it.
    static func with<Value>(
        _ specifications: [ToolSpecification], _ resources: ToolResources = resources(),
        kinds: [any ToolKind.Type] = ToolKinds.all, _ body: (Toolbox) async throws -> Value
    ) async throws -> Value {
        let box = try Toolbox(specifications, resources: resources, kinds: kinds)
        do {
            let value = try await body(box)
            await box.close()
            return value
        } catch {
            await box.close()
            throw error
        }
    }

    static let code: ToolSpecification = {
        var tool = ToolSpecification(
            name: "python", kind: "code",
            parameters: [
                "type": "object", "properties": ["code": ["type": "string"]], "required": ["code"],
                "additionalProperties": false,
            ])
        tool.sharesRunState = true
        return tool
    }()

    /// A tool of kind `python`.
    static func python(_ source: String, name: String = "t", _ parameters: JSONValue = ["type": "object"])
        -> ToolSpecification
    {
        var tool = ToolSpecification(name: name, kind: "python", parameters: parameters)
        tool.source = source
        return tool
    }

    /// The project's root, where the tools lie that ship.
    static var project: String {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }

    static func shipped(_ name: String) throws -> PlanTool {
        let environment = PlanEnvironment(
            verifiers: [], choiceRules: [], builtinTools: ["calculator", "expected-gain"], toolKinds: ToolKinds.outlines
        )
        return try PlaybookLoader(workingDirectory: project, folders: [], environment: environment).tool(name)
    }
}

extension Toolbox {
    /// Calls a tool.
    func call(_ name: String, _ arguments: JSONValue, in context: ToolContext = ToolContext()) async throws
        -> ToolResult
    {
        try await execute(ToolCall(id: "1", name: name, arguments: arguments), in: context)
    }

    /// Runs code with the tool `python`.
    func run(_ code: String, in context: ToolContext = ToolContext()) async throws -> ToolResult {
        try await call("python", ["code": .string(code)], in: context)
    }
}

/// A session and what was called in it, as the runtime keeps them.
struct TestSession {
    var context: ToolContext

    init(_ name: String, seed: UInt64 = 0) {
        context = ToolContext(
            session: ToolSession(run: RunID(rawValue: "run"), name: name), seed: SeedPath(seed: seed).child(name))
    }

    mutating func call(_ box: Toolbox, _ name: String, _ arguments: JSONValue) async throws -> ToolResult {
        let call = ToolCall(id: "1", name: name, arguments: arguments)
        let result = try await box.execute(call, in: context)
        var kept = result
        (kept.details, kept.restoration) = (.emptyObject, nil)
        context.history.append(ToolExchange(call: call, result: kept))
        return result
    }

    mutating func run(_ box: Toolbox, _ code: String) async throws -> CodeResult {
        try #require(CodeResult(document: try await call(box, "python", ["code": .string(code)]).value))
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a suite on machines without a sandbox; in CI it runs, and fails there.
    static var needsSandbox: Self {
        .enabled("no usable sandbox on this machine: run stoa doctor") { await TestTools.hasSandbox(nil) }
    }

    /// The same for the package set.
    static var needsPackages: Self {
        .enabled("no sandbox with the packages mathematics: run stoa sandbox packages") {
            await TestTools.hasSandbox(.mathematics)
        }
    }
}
