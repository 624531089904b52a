internal import StoaCore

/// What a command works with.
///
/// Everything that touches the outside is in here, made once.
struct CommandContext: Sendable {
    let console: Console
    let environment: ProcessEnvironment
    let settings: Settings
    /// The clock that waiting and measuring use.
    let clock = ContinuousClock()
    /// Whether results are JSON.
    let json: Bool
    let verbose: Bool

    /// Reads the settings.
    ///
    /// - Throws: `CLIError` for a file of settings that cannot be read.
    init(output: OutputOptions, environment: ProcessEnvironment) throws {
        self.environment = environment
        settings = Settings(
            environment: environment,
            files: try SettingsFile.layers(environment: environment, workingDirectory: Self.workingDirectory))
        json = output.json
        verbose = try settings.isOn(output.verbose, "verbose")
        console = Console(
            environment: environment, color: try settings.resolve(output.color, "color", default: .auto),
            quiet: try settings.isOn(output.quiet, "quiet"))
    }

    /// Prints a result: the document with `--json`, otherwise `people`.
    ///
    /// - Parameters:
    ///   - document: the whole result.
    ///   - people: the same for a reader, as lines.
    /// - Throws: `CLIError` when standard output cannot be written.
    func finish(_ document: JSONValue, people: @autoclosure () -> StyledText) throws {
        try console.writeLine(json ? StyledText(document.text) : people())
    }
}
