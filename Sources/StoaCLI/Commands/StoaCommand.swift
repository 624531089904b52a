internal import ArgumentParser

/// The root command.
///
/// What it can do is listed in `CommandRegistry`.
struct StoaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stoa",
        abstract: "Multi-agent reasoning with open latents.",
        version: StoaVersion.current,
        subcommands: CommandRegistry.commands)
}
