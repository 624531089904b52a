internal import ArgumentParser
internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// `stoa resume`: finishes a run that was interrupted or waits for a person.
struct ResumeCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a run that was interrupted or waits for a decision.",
        discussion: "Of a run that has ended, it gives the result again. No completed call is made twice.")

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var stream: StreamOptions
    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Where the run's default model is now, if not where it was; it must be the same model.")
    var model: String?

    @Option(name: .long, help: "Allow the tool call that the run waits for.")
    var approve: String?

    @Option(name: .long, help: "Refuse the tool call that the run waits for.")
    var deny: String?

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Answer the question that the run waits for.", valueName: "call=text"))
    var answer: String?

    @Argument(help: "A run: its id, the beginning of one, or latest.")
    var run: String

    func validate() throws {
        guard [approve, deny, answer].compactMap({ $0 }).count <= 1 else {
            throw ValidationError("give one of --approve, --deny and --answer")
        }
    }

    func run(in context: CommandContext) async throws {
        try await journal.writing(in: context) { try await run(in: context, $0) }
    }

    private func run(in context: CommandContext, _ journal: SQLiteJournal) async throws {
        let recorded = try await RecordedRun(run, in: journal)
        try recorded.requireIdle()
        let decision = try await decision(on: recorded, PendingDecisions(of: recorded.id, in: journal))
        let wiring = RunWiring(context: context, journal: journal)
        let stream = try context.settings.resolve(stream.stream, "stream")
        let (narrator, isStreaming) = Narration.narrator(stream, in: context, clock: wiring.clock)
        let person = TerminalPerson.present(context.console, narrator)
        let (id, plan) = (recorded.id, recorded.plan)
        // Of a run that has ended everything is known already.
        let known = recorded.record.status.isFinal ? recorded.beginning.models : [:]
        var outcome = try await wiring.withModels(
            of: recorded.plan(loading: model), options: try compute.resolve(in: context), replacing: known
        ) { models in
            try await wiring.driving(plan, models, narrator: narrator, person: person) { driver in
                try await driver.resume(id, plan: plan, decision: decision)
            }
        }
        try await outcome.restoreTimes(of: recorded, in: journal)
        try await RunReport(outcome: outcome, parent: recorded.record.parent).finish(
            in: context, journal: journal, isStreaming: isStreaming)
    }

    private func decision(on run: RecordedRun, _ pending: PendingDecisions) async throws -> PersonDecision? {
        if let approve { return .approve(try await pending.find(approve, flag: "--approve", isApproval: true)) }
        if let deny { return .deny(try await pending.find(deny, flag: "--deny", isApproval: true)) }
        guard let answer else { return nil }
        // A key may hold an equals sign in no part, so the first one ends it.
        let parts = answer.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw CLIError.invalidSetting("--answer", value: answer, expected: "call=text")
        }
        return .answer(
            try await pending.find(String(parts[0]), flag: "--answer", isApproval: false), String(parts[1]))
    }
}
