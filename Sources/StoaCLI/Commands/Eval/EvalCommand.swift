internal import ArgumentParser
internal import StoaCore
internal import StoaEvaluation
internal import StoaJournal
internal import StoaModel
internal import StoaPlaybook
internal import StoaRuntime
internal import StoaVerify

/// `stoa eval`: runs a playbook over problems.
struct EvalCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Run a playbook over problems, and say how good it is and how sure that is.",
        discussion: """
            FILE has a problem per line, {"id", "question", "answer"}, or is CSV with a header. Fields named like \
            parameters of the playbook are their values; the others sort the results into kinds. An evaluation that was \
            stopped goes on with --resume. Example: stoa eval best-of-n --data problems.jsonl --limit 50 --report out
            """)

    @OptionGroup var parameters: ParameterOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The file of problems: JSON Lines or CSV; '-' for standard input.")
    var data: String?

    @Option(name: .long, help: "The most problems to ask, from the beginning of the file.")
    var limit: Int?

    @Option(name: .long, help: "How often each problem is asked; by default once.")
    var samples: Int?

    @Option(name: .long, help: "How many runs at a time; by default 4.")
    var concurrency: Int?

    @Option(name: .long, help: ArgumentHelp("A folder for the report, one HTML page.", valueName: "dir"))
    var report: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Show another evaluation in the report too; may be repeated.", valueName: "eval"))
    var beside: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Score the recorded answers of an evaluation anew; runs nothing.", valueName: "eval"))
    var rescore: String?

    @Option(name: .long, help: ArgumentHelp("Go on with an evaluation that was stopped.", valueName: "eval"))
    var resume: String?

    @Option(name: .long, help: "The verifier that scores answers; by default the playbook's, else equivalent.")
    var verifier: String?

    @Option(
        name: .long,
        help: "Leave the rest of the problems out as soon as the accuracy's interval is as short, as in 0.1.")
    var stopWidth: Double?

    @Option(name: .long, help: "The seed of all chance.")
    var seed: UInt64?

    @Argument(help: "A playbook: a path or a name.")
    var playbook: String?

    func validate() throws {
        if resume != nil {
            guard rescore == nil, data == nil, playbook == nil, verifier == nil else {
                throw ValidationError("--resume goes on with what was asked: leave PLAYBOOK, --data and --verifier out")
            }
        } else if rescore == nil {
            guard playbook != nil else { throw ValidationError("PLAYBOOK is missing") }
            guard data != nil else { throw ValidationError("--data FILE is missing") }
        }
        for (name, value) in [("--limit", limit), ("--samples", samples), ("--concurrency", concurrency)] {
            guard value ?? 1 >= 1 else { throw ValidationError("\(name): expected 1 or more") }
        }
        guard stopWidth.map({ $0 > 0 && $0 < 1 }) ?? true else {
            throw ValidationError("--stop-width: expected a number between 0 and 1")
        }
    }

    func run(in context: CommandContext) async throws {
        // A folder that cannot be made is found out before an hour of work.
        let folder = try report.map { try ReportFolder($0) }
        if let rescore {
            try await journal.writing(in: context) { journal in
                let content = try await scoredAnew(rescore, context, journal)
                try await finish(content, folder, context, journal)
            }
        } else if let resume {
            try await journal.writing(in: context) { journal in
                let id = try await journal.resolveEvaluation(resume)
                let recorded = try await EvaluationLog(id, in: journal).read()
                let plan = try PlanSource.plan(recorded.definition.playbook)
                let content: EvaluationLog.Content
                if recorded.record.status.isFinal {
                    content = recorded
                } else {
                    let (_, options) = try await ModelChoice(engine, in: context).applied(to: plan, in: context)
                    content = try await work(plan, options, context, journal, id: id) { runner, concurrency, _ in
                        try await runner.resume(id, plan: plan, concurrency: concurrency)
                    }
                }
                try await finish(content, folder, context, journal)
            }
        } else {
            try await begin(folder, context)
        }
    }

    private func begin(_ folder: ReportFolder?, _ context: CommandContext) async throws {
        guard let playbook, let data else { return }
        let written = try context.approving(context.playbooks().load(playbook))
        let given = try parameters.values(for: written)
        let file = try ProblemFile(InputFile.read(data), path: data)
        let scoring = try EvaluationScoring(of: written.document, verifier: verifier, known: Self.verifiers)
        let (plan, options) = try await ModelChoice(engine, in: context).applied(to: written, in: context)
        let definition = EvaluationDefinition(
            playbook: plan.document, parameters: given, data: data, problems: file.prefix(limit),
            samples: samples ?? 1, seed: try context.settings.resolve(seed, "seed", default: 0), scoring: scoring,
            stopWidth: stopWidth)
        try await journal.writing(in: context) { journal in
            let content = try await work(plan, options, context, journal) { runner, concurrency, began in
                try await runner.run(definition, plan: plan, concurrency: concurrency, began: began)
            }
            try await finish(content, folder, context, journal)
        }
    }

    private static var verifiers: [String] { Verifiers.all.map(\.name).sorted() }

    // MARK: - Working

    /// Works on an evaluation and tells how it goes.
    private func work(
        _ plan: Plan, _ options: LocalModel.Options, _ context: CommandContext, _ journal: SQLiteJournal,
        id: RunID? = nil,
        _ body: @escaping @Sendable (EvaluationRunner, Int, (RunID) -> Void) async throws -> EvaluationLog.Content
    ) async throws -> EvaluationLog.Content {
        let concurrency = try context.settings.resolve(concurrency, "concurrency", default: 4)
        let wiring = RunWiring(context: context, journal: journal)
        let narrator = EvaluationNarrator(console: context.console, id: id)
        do {
            return try await wiring.withModels(of: plan, options: options) { models in
                try await wiring.driving(plan, models, narrator: narrator) { driver in
                    try await body(EvaluationRunner(driver.setup, observer: narrator), concurrency) {
                        narrator.begin($0)
                    }
                }
            }
        } catch {
            if let id = narrator.id {
                context.console.note("resume  " + StyledText("stoa eval --resume \(id)", .cyan))
            }
            throw error
        }
    }

    private func scoredAnew(
        _ name: String, _ context: CommandContext, _ journal: SQLiteJournal
    ) async throws -> EvaluationLog.Content {
        let id = try await journal.resolveEvaluation(name)
        let recorded = try await EvaluationLog(id, in: journal).read()
        var scoring = recorded.definition.scoring
        if let verifier {
            scoring = try EvaluationScoring(of: recorded.definition.playbook, verifier: verifier, known: Self.verifiers)
        } else if let playbook {
            let written = try context.playbooks().load(playbook)
            scoring = try EvaluationScoring(of: written.document, verifier: nil, known: Self.verifiers)
        }
        guard let verifier = Verifiers.named(scoring.verifier), let process = ProcessIdentity.current else {
            throw CLIError.invalidSetting(
                "--verifier", value: scoring.verifier, expected: Self.verifiers.joined(separator: ", "))
        }
        let references = try data.map { try ProblemFile(InputFile.read($0), path: $0).problems } ?? []
        return try await EvaluationRescoring(
            journal: journal, clock: SystemTimeSource(), identifiers: SystemIdentifierSource(), process: process
        ).rescore(id, by: verifier, references: references)
    }

    // MARK: - Ending

    private func finish(
        _ content: EvaluationLog.Content, _ folder: ReportFolder?, _ context: CommandContext, _ journal: SQLiteJournal
    ) async throws {
        let result = Self.result(content)
        if let folder {
            var others: [EvaluationResult] = []
            for name in beside {
                let id = try await journal.resolveEvaluation(name)
                others.append(Self.result(try await EvaluationLog(id, in: journal).read()))
            }
            var conversations: [RunID: Conversation] = [:]
            for run in EvaluationReport.runs(of: result) {
                // A run that cannot be read is named in the report; its answer is there all the same.
                conversations[run] = try? await Conversation(of: run, in: journal)
            }
            let page = try folder.write(
                EvaluationReport(result, beside: others, conversations: conversations).html)
            context.console.note("report  " + StyledText(page, .cyan))
        }
        try context.finish(result.document, people: EvaluationTable.text(of: result))
        for item in result.items.filter(\.isFailed).prefix(5) {
            let id = result.definition.problems[item.problem].id
            context.console.complain(StyledText("failed: ", .yellow) + "\(id), run \(item.run): \(item.failure ?? "")")
        }
        // Where nothing worked there is nothing that was measured.
        if result.failed == result.items.count { throw EndWith(.failure) }
    }

    static func result(_ content: EvaluationLog.Content) -> EvaluationResult {
        EvaluationResult(
            content.record.id, content, verifier: Verifiers.named(content.definition.scoring.verifier))
    }
}
