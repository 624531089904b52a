internal import ArgumentParser

/// A command that does its work with a console and settings handed to it.
///
/// Conform, hold `@OptionGroup var output: OutputOptions`, and write `run(in:)`. Thrown `StoaError`s become messages and
/// exit codes by themselves; `EndWith` ends with another code.
protocol ContextualCommand: AsyncParsableCommand {
    /// The options that every command shares.
    var output: OutputOptions { get }

    /// Does the work.
    ///
    /// - Parameter context: the console, the environment and the settings.
    /// - Throws: whatever fails; `CancellationError` after Ctrl-C.
    func run(in context: CommandContext) async throws
}

extension ContextualCommand {
    func run() async throws {
        try await run(in: try CommandContext(output: output, environment: .process))
    }
}
