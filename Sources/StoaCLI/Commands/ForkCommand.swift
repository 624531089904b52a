internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// `stoa fork`: branches a run.
struct ForkCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "fork", abstract: "Branch a run: share it up to an event, and go on with something changed.",
        discussion: "Example: stoa fork latest --at 12 --set agents.critic.temperature=0.2")

    @OptionGroup var parameters: ParameterOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var stream: StreamOptions
    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The number of the last event that both runs share.")
    var at: Int

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A change of the playbook; may be repeated.", valueName: "path=value"))
    var changes: [String] = []

    @Argument(help: "A run: its id, the beginning of one, or latest.")
    var run: String

    func run(in context: CommandContext) async throws {
        try await journal.writing(in: context) { try await run(in: context, $0) }
    }

    private func run(in context: CommandContext, _ journal: SQLiteJournal) async throws {
        let recorded = try await RecordedRun(run, in: journal)
        var document = recorded.beginning.playbook
        for change in changes { document = try DocumentEdit(change).applied(to: document) }
        let changed = try context.approving(PlanSource.plan(document))
        var values = recorded.beginning.parameters
        values.merge(try parameters.values(for: changed)) { $1 }
        // A changed playbook may have lost a parameter that nobody gave here.
        let known = Set(changed.parameters.map(\.name)).union(try parameters.values(for: changed).keys)
        values = try changed.checkParameters(values.filter { known.contains($0.key) })
        let (plan, options) = try await ModelChoice(engine, in: context).applied(to: changed, in: context)
        let wiring = RunWiring(context: context, journal: journal)
        let stream = try context.settings.resolve(stream.stream, "stream")
        let (narrator, isStreaming) = Narration.narrator(stream, in: context, clock: wiring.clock)
        let person = TerminalPerson.present(context.console, narrator)
        let (id, at, given) = (recorded.id, at, values)
        let outcome = try await wiring.withModels(of: plan, options: options) { models in
            try await wiring.driving(plan, models, narrator: narrator, person: person) { driver in
                try await driver.fork(id, at: at, plan: plan, parameters: given)
            }
        }
        try await RunReport(outcome: outcome, parent: RunRecord.Fork(run: id, sequence: at)).finish(
            in: context, journal: journal, isStreaming: isStreaming)
    }
}
