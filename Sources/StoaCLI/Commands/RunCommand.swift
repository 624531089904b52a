internal import ArgumentParser
internal import StoaCore
internal import StoaPlaybook
internal import StoaRuntime

/// `stoa run`: runs a playbook.
struct RunCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a playbook.",
        discussion: """
            A playbook is a path, or a name that is looked up in playbooks/ of this folder and those above it, of the \
            user's data, and of share/stoa beside the program. Example: stoa run debate --question "Is 91 prime?"
            """)

    @OptionGroup var parameters: ParameterOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var stream: StreamOptions
    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The seed of all chance.")
    var seed: UInt64?

    @Argument(help: "A playbook: a path or a name.")
    var playbook: String

    func run(in context: CommandContext) async throws {
        let settings = context.settings
        let written = try context.approving(context.playbooks().load(playbook))
        let values = try written.checkParameters(try parameters.values(for: written))
        let seed = try settings.resolve(seed, "seed", default: 0)
        let stream = try settings.resolve(stream.stream, "stream")
        let (plan, options) = try await ModelChoice(engine, in: context).applied(to: written, in: context)
        try await journal.writing(in: context) { journal in
            let wiring = RunWiring(context: context, journal: journal)
            let (narrator, isStreaming) = Narration.narrator(stream, in: context, clock: wiring.clock)
            let person = TerminalPerson.present(context.console, narrator)
            let outcome = try await wiring.withModels(of: plan, options: options) { models in
                try await wiring.driving(plan, models, narrator: narrator, person: person) { driver in
                    try await driver.run(plan, parameters: values, seed: seed)
                }
            }
            try await RunReport(outcome: outcome).finish(
                in: context, journal: journal, isStreaming: isStreaming)
        }
    }
}
