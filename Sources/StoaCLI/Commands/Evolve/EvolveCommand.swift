internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaEvaluation
internal import StoaJournal
internal import StoaModel
internal import StoaPlaybook
internal import StoaRuntime

/// `stoa evolve`: runs a playbook whose rounds train its agents, and tells each round.
struct EvolveCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "evolve", abstract: "Let a solver learn from problems that follow its failures, round by round.",
        discussion: """
            A playbook can be evolved that has a step called report inside its rounds: its value is the round's line. Runs \
            are journaled like any other; one that was stopped goes on with --resume, in the middle of a round. Example: \
            stoa evolve socratic-zero --rounds 2 -P profile=smoke --report out
            """)

    @OptionGroup var parameters: ParameterOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "How many rounds: the same as -P rounds=….")
    var rounds: Int?

    @Option(name: .long, help: ArgumentHelp("A folder for the report, one HTML page.", valueName: "dir"))
    var report: String?

    @Option(name: .long, help: ArgumentHelp("Go on with a run that was stopped.", valueName: "run"))
    var resume: String?

    @Option(name: .long, help: "The seed of all chance.")
    var seed: UInt64?

    @Argument(help: "A playbook: a path or a name.")
    var playbook: String?

    func validate() throws {
        if resume != nil {
            guard playbook == nil, rounds == nil, parameters.parameters.isEmpty, seed == nil else {
                throw ValidationError(
                    "--resume goes on with what was asked: leave PLAYBOOK, --rounds, -P and --seed out")
            }
        } else if playbook == nil {
            throw ValidationError("PLAYBOOK is missing")
        }
    }

    func run(in context: CommandContext) async throws {
        // A folder that cannot be made is found out before an hour of work.
        let folder = try report.map { try ReportFolder($0) }
        try await journal.writing(in: context) { journal in
            let wiring = RunWiring(context: context, journal: journal)
            let narrator = EvolutionNarrator(console: context.console, isJSON: context.json)
            let outcome =
                if let resume {
                    try await resumed(resume, wiring, narrator, in: context)
                } else {
                    try await begun(wiring, narrator, in: context)
                }
            let evolution = Evolution(outcome: outcome, playbook: narrator.playbook, rounds: narrator.rounds)
            if let folder {
                let page = try folder.write(EvolutionReport(evolution.document).html)
                context.console.note("report  " + StyledText(page, .cyan))
            }
            try evolution.finish(in: context)
        }
    }

    private func begun(
        _ wiring: RunWiring, _ narrator: EvolutionNarrator, in context: CommandContext
    ) async throws -> RunOutcome {
        let written = try context.approving(context.playbooks().load(playbook ?? ""))
        try Self.checkRounds(of: written)
        var given = try parameters.values(for: written)
        if let rounds {
            guard given["rounds"] == nil else {
                throw CLIError.invalidSetting("--rounds", value: String(rounds), expected: "each parameter once")
            }
            given["rounds"] = .integer(Int64(rounds))
        }
        let values = try written.checkParameters(given)
        let seed = try context.settings.resolve(seed, "seed", default: 0)
        let (plan, options) = try await ModelChoice(engine, in: context).applied(to: written, in: context)
        return try await wiring.withModels(of: plan, options: options) { models in
            try await wiring.driving(plan, models, narrator: narrator) { driver in
                try await driver.run(plan, parameters: values, seed: seed)
            }
        }
    }

    private func resumed(
        _ name: String, _ wiring: RunWiring, _ narrator: EvolutionNarrator, in context: CommandContext
    ) async throws -> RunOutcome {
        let recorded = try await RecordedRun(name, in: wiring.journal)
        try recorded.requireIdle()
        let (id, plan) = (recorded.id, recorded.plan)
        try Self.checkRounds(of: plan)
        let known = recorded.record.status.isFinal ? recorded.beginning.models : [:]
        var outcome = try await wiring.withModels(
            of: recorded.plan(loading: engine.model), options: try engine.compute.resolve(in: context), replacing: known
        ) { models in
            try await wiring.driving(plan, models, narrator: narrator) { driver in
                try await driver.resume(id, plan: plan)
            }
        }
        try await outcome.restoreTimes(of: recorded, in: wiring.journal)
        // Nothing is executed of a run that has ended, so nothing was told.
        if recorded.record.status.isFinal { try await narrator.recall(id, from: wiring.journal) }
        return outcome
    }

    /// Refuses a playbook that would not say anything of its rounds.
    private static func checkRounds(of plan: Plan) throws {
        guard !plan.steps.contains(where: { Self.hasReport($0) }) else { return }
        throw CLIError(
            code: .invalidInput, kind: .badInput,
            message: "playbook '\(plan.name)': expected a step \(EvolutionNarrator.step) inside 'repeat', found none",
            hint: "to run a playbook without rounds, use stoa run")
    }

    private static func hasReport(_ step: PlanStep) -> Bool {
        step.verb.blocks.contains { block in
            block.steps.contains { inner in
                hasReport(inner) || (step.verb is RepeatVerb && inner.id == EvolutionNarrator.step)
            }
        }
    }
}
