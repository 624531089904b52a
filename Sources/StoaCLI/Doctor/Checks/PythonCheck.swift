/// Python, which unpacks model packages and runs in the sandbox.
struct PythonCheck: DoctorCheck {
    let name = "python"

    private static let program = """
        import platform, sys, venv, zipfile, zlib
        print(platform.python_implementation(), platform.python_version())
        sys.exit(sys.version_info < (3, 9))
        """

    func run(in context: CommandContext) async -> DoctorFinding {
        let cure = "run: apt-get install python3 python3-venv"
        guard let answer = await Probe.run("python3", ["-I", "-c", Self.program], context.environment) else {
            return .broken("no python3 in PATH", fix: cure)
        }
        guard answer.succeeded else {
            return .broken("expected Python 3.9 or newer, found: \(answer.lastLine)", fix: cure)
        }
        return .fine(answer.text)
    }
}
