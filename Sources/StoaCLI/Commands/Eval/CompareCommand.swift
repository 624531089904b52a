internal import ArgumentParser
internal import StoaCore
internal import StoaEvaluation
internal import StoaJournal
internal import StoaVerify

/// `stoa compare`: whether one evaluation is better than another.
///
/// Exit code 2 says that they differ by more than chance explains, at 5 %; a difference that chance explains is none.
struct CompareCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare two evaluations of the same problems, problem by problem.",
        discussion: """
            Above 0, the second is better. Exit code 2 where one of them is better by more than chance explains (p < 0.05), \
            else 0; evaluations that were not asked the same questions cannot be compared: exit code 65.
            """)

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "An evaluation.")
    var first: String

    @Argument(help: "Another evaluation.")
    var second: String

    func run(in context: CommandContext) async throws {
        let journal = try journal.read(in: context)
        var results: [EvaluationResult] = []
        for name in [first, second] {
            let id = try await journal.resolveEvaluation(name)
            results.append(EvalCommand.result(try await EvaluationLog(id, in: journal).read()))
        }
        let verifier = Verifiers.named(results[0].definition.scoring.verifier)
        let comparison = try EvaluationComparison(results[0], results[1], verifier: verifier)
        try context.finish(comparison.document, people: EvaluationTable.text(of: comparison))
        if comparison.isSignificant { throw EndWith(.different) }
    }
}
