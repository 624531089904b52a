import Foundation
import StoaCore
import Testing

@testable import StoaSandbox

/// The real sandbox, as tests use it.
///
/// Where the machine has none, tests are skipped, except in CI, where they fail.
enum TestSandbox {
    static let environment = ProcessInfo.processInfo.environment
    static let mustWork = environment["CI"] != nil

    /// The folder of the test runner, in which the launcher is built too.
    static var programFolder: String {
        get throws {
            let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: runner).deletingLastPathComponent().path
        }
    }

    static var launcher: String { get throws { try programFolder + "/stoa-sandbox-init" } }

    /// Where `make test` has put the packages.
    static var cache: String {
        if let cache = environment["STOA_CACHE"], !cache.isEmpty { return cache }
        return (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/root") + "/.cache") + "/stoa"
    }

    /// Found once: the interpreter and bubblewrap are asked what they are.
    private static let found = Task {
        try await SandboxTools.find(environment: environment, programFolder: try programFolder)
    }

    static func tools() async throws -> SandboxTools { try await found.value }

    /// Whether there is a usable sandbox; asked by the traits of suites.
    static func isUsable() async -> Bool {
        if mustWork { return true }
        guard let sandbox = try? await make() else { return false }
        defer { Task { await sandbox.close() } }
        guard let session = try? await sandbox.openSession() else { return false }
        await session.close()
        return true
    }

    static func hasPackages() async -> Bool {
        if mustWork { return true }
        guard let tools = try? await tools() else { return false }
        return PackageSet.mathematics.isInstalled(cache: cache, python: tools.python)
    }

    static func make(
        _ policy: SandboxPolicy = SandboxPolicy(), _ configuration: PythonSandbox.Configuration = .init(ready: 0)
    ) async throws -> PythonSandbox {
        try PythonSandbox(policy: policy, tools: try await tools(), cache: cache, configuration: configuration)
    }

    /// A word that, as the name of a module to import beforehand, stands in the command lines of every process of a sandbox,
    /// so that they can be counted from outside.
    ///
    /// There is no such module, which a sandbox bears.
    static func mark() -> String { "m" + UUID().uuidString.replacingOccurrences(of: "-", with: "") }

    /// Runs one program in a sandbox of its own.
    static func run(
        _ code: String, input: [UInt8]? = nil, seed: UInt64 = 0, limits: SandboxLimits = .init(),
        profile: SandboxProfile = .strict, packages: PackageSet? = nil, mark: String? = nil
    ) async throws -> SandboxResult {
        let sandbox = try await make(
            SandboxPolicy(profile: profile, limits: limits, packages: packages, preload: mark.map { [$0] } ?? []))
        let program = SandboxProgram(code: code, standardInput: input)
        let result = try await sandbox.run(once: program, seed: seed)
        await sandbox.close()
        return result
    }

    /// Runs cells in one session.
    static func cells(
        _ cells: [String], limits: SandboxLimits = .init(), profile: SandboxProfile = .strict
    ) async throws -> [SandboxResult] {
        let sandbox = try await make(SandboxPolicy(profile: profile, limits: limits))
        let session = try #require(try await sandbox.openSession())
        var results: [SandboxResult] = []
        for cell in cells { results.append(try await session.run(cell)) }
        await session.close()
        await sandbox.close()
        return results
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a suite on machines without a sandbox; in CI it runs, and fails there.
    static var needsSandbox: Self {
        .enabled("no usable sandbox on this machine: run stoa doctor") { await TestSandbox.isUsable() }
    }

    /// The same for the package set.
    static var needsPackages: Self {
        .enabled("the package set mathematics is missing: run stoa sandbox packages") {
            await TestSandbox.hasPackages()
        }
    }
}
