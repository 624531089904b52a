public import ArgumentParser
internal import StoaCore
internal import StoaJournal
public import StoaRuntime

// The conformance is public because the type is; nobody but the commands sees this module.
extension ReplayMode: ExpressibleByArgument {}

/// `stoa replay`: shows a recorded run, or executes it again and compares.
struct ReplayCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Replay a recorded run; exit code 3 where the replay differs.",
        discussion: """
            trace shows the run as it was. strict executes its steps again with the recorded replies. recompute also has \
            the engine compute every reply again, on the recorded kernels, and compares them bit by bit. tools calls the \
            tools again.
            """)

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: .long, help: "In recompute, where the run's default model is now, if not where it was.")
    var model: String?

    @Option(name: .long, help: "trace, strict, recompute or tools.")
    var mode: ReplayMode = .trace

    @Option(name: .long, help: "In trace, the number of the first event to show.")
    var from = 1

    @Option(name: .long, help: "In trace, keep the recorded pace, so many times as fast; without it, show all at once.")
    var speed: Double?

    @Argument(help: "A run: its id, the beginning of one, or latest.")
    var run: String

    func run(in context: CommandContext) async throws {
        if let speed, !(speed > 0 && speed.isFinite) {
            throw CLIError.invalidSetting("--speed", value: String(speed), expected: "a number above 0")
        }
        let journal = try journal.read(in: context)
        let id = try await journal.resolve(run)
        if let broken = try await Self.broken(id, in: journal, mode) { return try finish(broken, in: context) }
        let recorded = try await RecordedRun(id.rawValue, in: journal)
        let wiring = RunWiring(context: context, journal: journal)
        let report: ReplayReport
        switch mode {
        case .trace:
            try await RunTrace(run: recorded.record, journal: journal, clock: wiring.clock).show(
                in: context, from: from, speed: speed)
            report = try await replay(recorded, wiring, models: RunModels(models: [:]), SilentNarrator())
        case .strict, .tools:
            let models = recorded.beginning.models.mapValues { RecordedModel(identity: $0) as any LanguageModel }
            report = try await replay(recorded, wiring, models: RunModels(models: models), SilentNarrator())
        case .recompute: report = try await recompute(recorded, wiring)
        }
        try finish(report, in: context)
    }

    private func recompute(_ recorded: RecordedRun, _ wiring: RunWiring) async throws -> ReplayReport {
        let remote = recorded.beginning.models.filter { $0.value.provider != .engine }
        let narrator = Narration.narrator(nil, in: wiring.context, clock: wiring.clock).narrator
        return try await wiring.withModels(
            of: recorded.plan(loading: model), options: try compute.resolve(in: wiring.context),
            kernelPath: try recorded.kernelPath(), replacing: remote
        ) { models in
            try await replay(recorded, wiring, models: models, narrator)
        }
    }

    private func replay(
        _ recorded: RecordedRun, _ wiring: RunWiring, models: RunModels,
        _ narrator: any RunNarrator
    ) async throws -> ReplayReport {
        let (id, plan, mode) = (recorded.id, recorded.plan, mode)
        return try await wiring.driving(plan, models, narrator: narrator) { driver in
            try await driver.replay(id, plan: plan, mode: mode)
        }
    }

    /// The report of a run whose record is not what was written; nil for one that is.
    private static func broken(
        _ run: RunID, in journal: SQLiteJournal, _ mode: ReplayMode
    ) async throws -> ReplayReport? {
        let found = try await journal.verify(run)
        guard !found.isIntact else { return nil }
        let path = found.chainIntact ? "content" : "chain"
        return ReplayReport(
            run: run, mode: mode, events: found.events, compared: 0, skipped: 0,
            firstDivergence: ReplayReport.Divergence(
                sequence: found.firstBadSequence ?? 0, path: path, recorded: nil, replayed: nil))
    }

    private func finish(_ report: ReplayReport, in context: CommandContext) throws {
        try context.finish(Self.document(report), people: Self.text(report))
        if !report.isIdentical { throw EndWith(.divergence) }
    }

    private static func document(_ report: ReplayReport) -> JSONValue {
        let divergence: JSONValue =
            report.firstDivergence.map { found in
                [
                    "seq": .integer(Int64(found.sequence)), "path": .string(found.path),
                    "recorded": found.recorded ?? .null, "replayed": found.replayed ?? .null,
                ]
            } ?? .null
        return [
            "run": .string(report.run.rawValue), "mode": .string(report.mode.rawValue),
            "identical": .bool(report.isIdentical), "events": .integer(Int64(report.events)),
            "compared": .integer(Int64(report.compared)), "skipped": .integer(Int64(report.skipped)),
            "first_divergence": divergence,
        ]
    }

    private static func text(_ report: ReplayReport) -> StyledText {
        let events = LiveText.counted(report.events, "event")
        guard let found = report.firstDivergence else {
            guard report.mode != .trace else { return StyledText("\(events), the record is intact", .dim) }
            var text = StyledText("identical", .green) + ": \(events), \(LiveText.count(report.compared)) compared"
            if report.skipped > 0 {
                text += ", \(LiveText.counted(report.skipped, "call")) skipped, remote or cut off when made"
            }
            return text
        }
        guard !["chain", "content"].contains(found.path) else {
            return StyledText("damaged", .red) + ": event \(found.sequence) is not what was written (\(found.path))"
        }
        func value(_ value: JSONValue?) -> String { TextWrap.line(value?.text ?? "nothing", width: 400) }
        return StyledText("different", .red) + " at event \(found.sequence)\n  \(found.path)\n"
            + StyledText("  recorded  ", .dim) + StyledText(value(found.recorded)) + "\n"
            + StyledText("  replayed  ", .dim) + StyledText(value(found.replayed))
    }
}
