internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox
internal import StoaServer

/// `stoa sandbox serve`: the sandbox for other programs, over HTTP.
struct SandboxServeCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run Python for other programs, over HTTP, as SandboxFusion does.",
        discussion: """
            POST /run_code takes {code, language, stdin, run_timeout, memory_limit_MB, files, fetch_files} and answers as \
            SandboxFusion does; with session_id, variables are kept for the next request. GET /health and GET /v1/ping show that \
            it lives; DELETE /sessions/NAME ends a session. With --json, standard output is {url} once it listens. Ctrl-C ends \
            it: requests under way get five seconds.
            """)

    @OptionGroup var strictness: SandboxProfileOption
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The port; 0 picks a free one. Default: 8080.")
    var port: Int?

    @Option(name: .long, help: "The address to listen on. Default: 127.0.0.1, which only this machine reaches.")
    var host: String?

    @Option(name: .long, help: "Programs at the same time. Default: 4.")
    var concurrency: Int?

    @Option(name: .long, help: "Sessions at the same time. Default: 16.")
    var sessions: Int?

    @Option(name: .long, help: "Seconds after which an unused session is closed. Default: 600.")
    var idle: Double?

    @Option(name: .long, help: "The most memory of a program, in MiB. Default: 1024.")
    var memory: Int?

    func run(in context: CommandContext) async throws {
        var configuration = SandboxServer.Configuration()
        configuration.port = try number(port, "port", 0...65_535, in: context) ?? configuration.port
        configuration.running = try number(concurrency, "concurrency", 1...1024, in: context) ?? configuration.running
        configuration.sessions = try number(sessions, "sessions", 0...1024, in: context) ?? configuration.sessions
        // Only the command line opens a machine to others.
        if let host { configuration.host = host }
        if let idle {
            guard 0.001...86_400 ~= idle else {
                throw CLIError.invalidSetting("--idle", value: String(idle), expected: "0.001 to 86400")
            }
            configuration.idle = .seconds(idle)
        }
        var limits = SandboxLimits(memoryBytes: 1 << 30, outputBytes: 1 << 20)
        if let memory = try context.settings.resolve(memory, "memory") { limits.setMemory(memory) }
        try limits.validate()
        let console = context.console
        if !configuration.isLoopback {
            console.complain(
                "warning: whoever reaches \(configuration.host) can run code in this machine's sandbox, without a password"
            )
        }
        let server = try await SandboxAccess(context: context, profile: strictness.profile).server(
            limits, configuration)
        let isJSON = context.json
        try await server.run { url in
            console.note("listening on \(url)")
            guard isJSON else { return }
            let document: JSONValue = ["url": .string(url)]
            // Whoever started the server and does not read where it is has no use for an error either.
            try? console.writeLine(StyledText(document.text))
        }
    }

    private func number(
        _ flag: Int?, _ name: String, _ range: ClosedRange<Int>, in context: CommandContext
    ) throws -> Int? {
        guard let value = try context.settings.resolve(flag, name) else { return nil }
        guard range ~= value else {
            throw CLIError.invalidSetting(
                "--\(name)", value: String(value), expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
