internal import ArgumentParser

/// `stoa playbook`: playbooks as files.
struct PlaybookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playbook", abstract: "List, check, draw and start playbooks.",
        subcommands: [
            PlaybookListCommand.self, PlaybookValidateCommand.self, PlaybookSchemaCommand.self,
            PlaybookGraphCommand.self, PlaybookInitCommand.self,
        ])
}
