public import StoaCore

/// What `doctor` asks of the sandbox, part by part.
///
/// Nothing is changed by asking.
public enum SandboxDiagnosis {
    /// What bubblewrap calls itself.
    ///
    /// - Parameter path: the folders of `PATH`.
    /// - Returns: its name and version.
    /// - Throws: `SandboxError` with the cure.
    public static func bubblewrap(path: String) async throws(SandboxError) -> String {
        try await Bubblewrap.find(in: path).version
    }

    /// Has the launcher make both filters.
    ///
    /// - Parameters:
    ///   - environment: names and values.
    ///   - programFolder: the folder of the running program.
    /// - Returns: how long they are.
    /// - Throws: `SandboxError` with the cure.
    public static func filters(
        environment: [String: String], programFolder: String?
    ) async throws(SandboxError) -> String {
        let launcher = try SandboxTools.findLauncher(environment["STOA_SANDBOX_INIT"], programFolder)
        var lengths: [String] = []
        for name in ["outer", "inner"] {
            guard let bytes = await Programs.bytes(launcher, ["filter", name]), bytes.count.isMultiple(of: 8),
                !bytes.isEmpty
            else { throw .unavailable("\(launcher) makes no \(name) filter", cure: SandboxError.reinstall) }
            lengths.append("\(name) \(bytes.count / 8)")
        }
        return "filters of \(lengths.joined(separator: " and ")) instructions"
    }

    /// Starts a sandbox, in which every way out that must be closed is tried.
    ///
    /// - Parameters:
    ///   - backend: what keeps the code.
    ///   - environment: names and values.
    ///   - programFolder: the folder of the running program.
    ///   - clock: what its start is measured with.
    /// - Returns: what was found.
    /// - Throws: `SandboxError` with the cure; `CancellationError`.
    public static func sandbox(
        backend: SandboxBackend = .bubblewrap, environment: [String: String], programFolder: String?,
        clock: any TimeSource = SystemTimeSource()
    ) async throws -> String {
        let tools = try await SandboxTools.find(
            for: backend, environment: environment, programFolder: programFolder)
        let command = try LaunchCommand(SandboxPolicy(backend: backend), tools, packages: nil, slot: 0)
        let process = try await SandboxProcess.start(command, clock: clock)
        let milliseconds = Int((process.startTime / .milliseconds(1)).rounded())
        await process.close()
        return "Python \(process.ready.python) kept in \(milliseconds) ms, \(ReadyReport.probes.count) ways out closed"
    }
}
