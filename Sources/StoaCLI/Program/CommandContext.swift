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

    init(output: OutputOptions, environment: ProcessEnvironment) {
        self.environment = environment
        settings = Settings(environment: environment)
        json = output.json
        verbose = output.verbose
        console = Console(environment: environment, color: output.color, quiet: output.quiet)
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
