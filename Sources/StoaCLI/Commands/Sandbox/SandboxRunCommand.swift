internal import ArgumentParser
internal import StoaCore
internal import StoaSandbox

/// `stoa sandbox run`: one program, in a sandbox of its own.
struct SandboxRunCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a Python program in the sandbox.",
        discussion: """
            What it prints is printed. The exit code is 0 where it ran to its end, 124 where it used up its time, 1 where it \
            failed, and 6 where there is no usable sandbox.
            """)

    @OptionGroup var limits: SandboxLimitOptions
    @OptionGroup var strictness: SandboxProfileOption
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The program's standard input: a file, or - for this one's.")
    var stdin: String?

    @Option(name: .long, help: "Where the program's random numbers begin.")
    var seed: UInt64 = 0

    @Argument(help: "The program: a file, or - for standard input.")
    var file: String

    func run(in context: CommandContext) async throws {
        let limits = try limits.resolve(in: context)
        let bytes = try InputFile.read(file)
        guard let code = String(validating: bytes, as: UTF8.self) else {
            throw CLIError.invalidInput(file, "expected UTF-8")
        }
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let program = SandboxProgram(
            code: code, name: name == "-" ? "<stdin>" : name, standardInput: try stdin.map(InputFile.read))
        let sandbox = try await SandboxAccess(context: context, profile: strictness.profile).sandbox(
            for: [code], limits: limits)
        let result: SandboxResult
        do {
            result = try await sandbox.run(once: program, seed: seed)
        } catch {
            await sandbox.close()
            throw error
        }
        await sandbox.close()
        if context.json {
            try context.console.writeLine(StyledText(result.document.text))
        } else {
            try show(result, on: context.console)
        }
        switch result.status {
        case .ok: return
        case .timeout: throw EndWith(.timeout)
        case .unavailable: throw EndWith(.noSandbox)
        default: throw EndWith(.failure)
        }
    }

    private func show(_ result: SandboxResult, on console: Console) throws {
        if !result.stdout.text.isEmpty { try console.write(StyledText(result.stdout.text)) }
        if !result.stderr.text.isEmpty { try console.error.write(StyledText(result.stderr.text)) }
        if let exception = result.exception, exception.type != "SystemExit" {
            try console.error.write(StyledText(exception.traceback))
        }
        if result.status != .ok, result.status != .exception {
            let limit = result.limit.map { " (\($0.rawValue))" } ?? ""
            let reason = result.reason.map { ": \($0)" } ?? ""
            console.note("\(result.status.rawValue)\(limit)\(reason)")
        }
    }
}
