internal import ArgumentParser
internal import StoaCore
internal import StoaPlaybook

/// `stoa playbook schema`: the JSON Schema of playbooks.
struct PlaybookSchemaCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of playbooks, for editors.")

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        try context.console.writeLine(StyledText(PlaybookSchema.document.text))
    }
}
