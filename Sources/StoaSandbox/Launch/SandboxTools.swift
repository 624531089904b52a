internal import Glibc

/// What the machine has to build sandboxes with: found once, used for every one.
public struct SandboxTools: Sendable, Hashable {
    /// The launcher, `stoa-sandbox-init`.
    public let launcher: String
    /// Bubblewrap; nil where containers are used instead.
    public let bubblewrap: Bubblewrap?
    /// Python.
    public let python: PythonInterpreter

    /// Finds everything that a policy needs.
    ///
    /// - Parameters:
    ///   - backend: what keeps the code.
    ///   - environment: names and values; `PATH` is looked at, and `STOA_SANDBOX_INIT`, the launcher's place.
    ///   - programFolder: the folder of the running program, beside which the launcher is.
    /// - Returns: the tools.
    /// - Throws: `SandboxError` naming what is missing and how to get it.
    public static func find(
        for backend: SandboxBackend = .bubblewrap, environment: [String: String], programFolder: String?
    ) async throws(SandboxError) -> SandboxTools {
        let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let launcher = try findLauncher(environment["STOA_SANDBOX_INIT"], programFolder)
        if case .container(let engine, _) = backend {
            try await ContainerLaunch.probe(engine, path: path)
            return SandboxTools(launcher: launcher, bubblewrap: nil, python: try await PythonInterpreter.find(in: path))
        }
        return SandboxTools(
            launcher: launcher, bubblewrap: try await Bubblewrap.find(in: path),
            python: try await PythonInterpreter.find(in: path))
    }

    static let launcherName = "stoa-sandbox-init"

    static func findLauncher(_ given: String?, _ folder: String?) throws(SandboxError) -> String {
        if let given, !given.isEmpty {
            guard Programs.find(given, in: "") != nil else {
                throw .unavailable(
                    "no launcher at \(given)", cure: "set STOA_SANDBOX_INIT to stoa-sandbox-init, or unset it")
            }
            return given
        }
        let places = folder.map { ["\($0)/\(launcherName)", "\($0)/../libexec/stoa/\(launcherName)"] } ?? []
        guard let found = places.first(where: { Programs.find($0, in: "") != nil }) else {
            throw .unavailable(
                "no \(launcherName) beside the program", cure: "run: make build, or make install, which put it there")
        }
        return found
    }
}
