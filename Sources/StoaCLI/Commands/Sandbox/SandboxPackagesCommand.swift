internal import ArgumentParser
internal import StoaCore
internal import StoaSandbox

/// `stoa sandbox packages`: fetches what code may import.
struct SandboxPackagesCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "packages", abstract: "Fetch the packages that code in the sandbox may import.")

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let access = SandboxAccess(context: context)
        let tools = try await access.tools()
        var document: [JSONValue] = []
        var lines: [String] = []
        for set in PackageSet.all {
            try await access.install(set, tools)
            let folder = try access.folder(set, tools)
            document.append([
                "name": .string(set.name), "requirements": .array(set.requirements.map { .string($0) }),
                "python": .string(tools.python.version), "folder": .string(folder),
            ])
            lines.append("\(set.name) for Python \(tools.python.version): \(folder)")
        }
        try context.finish(.array(document), people: StyledText(lines.joined(separator: "\n")))
    }
}
