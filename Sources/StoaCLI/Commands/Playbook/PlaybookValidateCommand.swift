internal import ArgumentParser
internal import StoaCore
internal import StoaPlaybook

/// `stoa playbook validate`: every problem of a playbook.
struct PlaybookValidateCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a playbook; exit code 65 where it has problems.")

    @OptionGroup var output: OutputOptions

    @Argument(help: "A playbook: a path or a name.")
    var playbook: String

    func run(in context: CommandContext) async throws {
        let problems = try context.playbooks().validate(playbook)
        let document: JSONValue = [
            "valid": .bool(problems.isEmpty), "problems": .array(problems.map(\.document)),
        ]
        try context.finish(document, people: Self.text(playbook, problems))
        if !problems.isEmpty { throw EndWith(.badInput) }
    }

    private static func text(_ playbook: String, _ problems: [PlaybookProblem]) -> StyledText {
        guard !problems.isEmpty else { return StyledText("valid", .green) + ": \(playbook)" }
        return problems.map { problem in
            var text = StyledText("\(problem.position): ", .bold) + StyledText(problem.message)
            if let suggestion = problem.suggestion { text += StyledText("\n  → \(suggestion)", .yellow) }
            return text
        }
        .joined(separator: "\n")
    }
}
