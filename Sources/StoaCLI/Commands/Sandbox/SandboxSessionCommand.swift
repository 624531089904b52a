internal import ArgumentParser
internal import StoaCore
internal import StoaSandbox

/// `stoa sandbox session`: a Python that keeps its variables, for other programs to talk to.
struct SandboxSessionCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: "Run cells as they come: JSON Lines of {code} in, result objects out.",
        discussion: """
            Each line of standard input is a cell, each line of standard output its result. A session that a cell has ended \
            answers session_lost from then on.
            """)

    @OptionGroup var limits: SandboxLimitOptions
    @OptionGroup var strictness: SandboxProfileOption
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Where the session's random numbers begin.")
    var seed: UInt64 = 0

    func run(in context: CommandContext) async throws {
        let sandbox = try await SandboxAccess(context: context, profile: strictness.profile).sandbox(
            for: nil, limits: try limits.resolve(in: context))
        guard let session = try await sandbox.openSession(seed: seed) else { throw CancellationError() }
        do {
            try await serve(session, context.console)
        } catch {
            await session.close()
            await sandbox.close()
            throw error
        }
        await session.close()
        await sandbox.close()
    }

    private func serve(_ session: SandboxSession, _ console: Console) async throws {
        let lines = InputLines()
        var number = 0
        while let line = try await lines.next() {
            number += 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            let place = "standard input:\(number)"
            let document = try InputFile.json(line, path: place)
            guard let code = document["code"]?.stringValue else {
                throw CLIError.invalidInput(place, "expected an object with code, a string")
            }
            try console.writeLine(StyledText(try await session.run(code).document.text))
        }
    }
}
