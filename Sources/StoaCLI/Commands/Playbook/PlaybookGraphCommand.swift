internal import ArgumentParser
internal import StoaCore
internal import StoaPlaybook
internal import StoaRuntime

/// `stoa playbook graph`: a playbook as a diagram.
struct PlaybookGraphCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw a playbook's steps as a Mermaid diagram.")

    @OptionGroup var output: OutputOptions

    @Argument(help: "A playbook: a path or a name.")
    var playbook: String

    func run(in context: CommandContext) async throws {
        let plan = try context.playbooks().load(playbook)
        var diagram = PlaybookGraph.mermaid(plan)
        while diagram.hasSuffix("\n") { diagram.removeLast() }
        try context.finish(
            ["playbook": .string(plan.name), "mermaid": .string(diagram)], people: StyledText(diagram))
    }
}
