internal import ArgumentParser
internal import StoaRuntime

/// Guesses at what a misspelt command was meant to be.
enum CommandSuggestion {
    /// "did you mean 'x'?" where a word stands in the place of a command that does not exist.
    ///
    /// - Parameters:
    ///   - arguments: the words after the program's name.
    ///   - commands: what the first of them can be.
    /// - Returns: the question; nil where every command exists, or none is close.
    static func text(
        for arguments: [String], among commands: [any ParsableCommand.Type] = CommandRegistry.commands
    ) -> String? {
        guard let word = arguments.first, !word.hasPrefix("-") else { return nil }
        let found = commands.first { $0.configuration.commandName == word }
        guard let found else {
            return Suggestion.text(for: word, among: commands.compactMap { $0.configuration.commandName })
        }
        return text(for: Array(arguments.dropFirst()), among: found.configuration.subcommands)
    }
}
