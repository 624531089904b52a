internal import ArgumentParser
internal import StoaCore
internal import StoaPlaybook

/// `stoa playbook list`: what can be run by name.
struct PlaybookListCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the playbooks that can be run by name from here.")

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let playbooks = try context.playbooks().list()
        let document = JSONValue.array(
            playbooks.map {
                ["name": .string($0.name), "description": .string($0.summary), "path": .string($0.path)]
            })
        try context.finish(document, people: Self.table(playbooks, width: context.console.output.width))
    }

    private static func table(_ playbooks: [PlaybookSummary], width: Int) -> StyledText {
        guard !playbooks.isEmpty else {
            return StyledText("no playbooks here: stoa playbook init NAME makes one", .dim)
        }
        let longest = playbooks.map { CellWidth.of($0.name) }.max() ?? 0
        var table = TextTable(.leading, .leading)
        for playbook in playbooks {
            table.add(
                StyledText(playbook.name, .bold),
                StyledText(TextWrap.line(playbook.summary, width: max(width - longest - 2, 20))))
        }
        return table.text
    }
}
