internal import ArgumentParser

/// `stoa log`: the journal.
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "List, show, move and check recorded runs.",
        subcommands: [
            LogListCommand.self, LogShowCommand.self, LogExportCommand.self, LogImportCommand.self,
            LogVerifyCommand.self, LogGarbageCommand.self,
        ])
}
