internal import ArgumentParser
internal import StoaCore
internal import StoaPlaybook
internal import StoaRuntime

/// `stoa tool list`: what playbooks can use by name.
struct ToolListCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tools that playbooks can use by name from here.")

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let tools = try context.playbooks().listTools()
        try context.finish(
            .array(tools.map(Self.document)), people: Self.table(tools, width: context.console.output.width))
    }

    private static func document(_ summary: ToolSummary) -> JSONValue {
        let tool = summary.tool
        return [
            "name": .string(summary.name), "kind": tool.map { .string($0.kind) } ?? .null,
            "description": tool.map { .string($0.summary) } ?? .null, "path": .string(summary.path),
            "approval": tool.map { .string($0.approval.rawValue) } ?? .null, "parameters": tool?.parameters ?? .null,
            "returns": tool?.specification.returns ?? .null, "problems": .array(summary.problems.map(\.document)),
        ]
    }

    private static func table(_ tools: [ToolSummary], width: Int) -> StyledText {
        guard !tools.isEmpty else { return StyledText("no tools here: make tools/NAME/tool.yaml", .dim) }
        let longest = tools.map { CellWidth.of($0.name) + CellWidth.of($0.tool?.kind ?? "broken") }.max() ?? 0
        var table = TextTable(.leading, .leading, .leading)
        for summary in tools {
            let words = summary.tool?.summary ?? summary.problems.first?.message ?? ""
            table.add(
                StyledText(summary.name, .bold),
                summary.tool.map { StyledText($0.kind, .dim) } ?? StyledText("broken", .red),
                StyledText(TextWrap.line(words, width: max(width - longest - 4, 20))))
        }
        return table.text
    }
}
