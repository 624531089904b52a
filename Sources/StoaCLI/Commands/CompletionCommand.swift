internal import ArgumentParser

/// `stoa completion`: prints a script that completes commands and options in a shell.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a completion script for a shell.")

    /// The shells that can be completed in.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "The shell to complete in.")
    var shell: Shell

    func run() throws {
        let script =
            switch shell {
            case .bash: StoaCommand.completionScript(for: .bash)
            case .zsh: StoaCommand.completionScript(for: .zsh)
            case .fish: StoaCommand.completionScript(for: .fish)
            }
        try Console.standard.writeLine(StyledText(script))
    }
}
