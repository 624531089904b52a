internal import ArgumentParser
internal import StoaCore

/// `stoa doctor`: says what the machine has, what it lacks and how to get it.
///
/// Changes nothing.
struct DoctorCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check this machine; exit code 2 when something is missing.")

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        var findings: [(name: String, finding: DoctorFinding)] = []
        for check in DoctorCheckRegistry.checks {
            try Task.checkCancellation()
            context.console.progress("checking \(check.name)")
            findings.append((check.name, await check.run(in: context)))
        }
        let ok = findings.allSatisfy(\.finding.ok)
        let document: JSONValue = ["ok": .bool(ok), "checks": .array(findings.map(Self.document))]
        try context.finish(document, people: Self.text(findings))
        if !ok { throw EndWith(.different) }
    }

    private static func document(_ name: String, _ finding: DoctorFinding) -> JSONValue {
        [
            "name": .string(name), "ok": .bool(finding.ok), "detail": .string(finding.detail),
            "fix": finding.fix.map { .string($0) } ?? .null,
        ]
    }

    private static func text(_ findings: [(name: String, finding: DoctorFinding)]) -> StyledText {
        var table = TextTable(.leading, .leading, .leading)
        for (name, finding) in findings {
            table.add(
                finding.ok ? StyledText("ok", .green) : StyledText("missing", .red), StyledText(name, .bold),
                StyledText(finding.detail))
            if let fix = finding.fix { table.add("", "", StyledText("→ \(fix)", .yellow)) }
        }
        return table.text
    }
}
