internal import ArgumentParser
internal import StoaCore
internal import StoaHub

/// `stoa model list`: the bundled models, here or not, and whatever else was fetched.
struct ModelListCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the models that are here and those that can be fetched by name.")

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let models = try context.modelStore().list()
        var table = TextTable(.leading, .leading, .trailing, .trailing, .leading)
        table.add(
            StyledText("NAME", .dim), StyledText("STATE", .dim), StyledText("SIZE", .dim),
            StyledText("PARAMETERS", .dim), StyledText("LICENCE", .dim))
        for (entry, installed) in models {
            let bytes = installed?.bytes ?? entry?.downloadBytes ?? 0
            table.add(
                StyledText(entry?.name ?? installed?.name ?? "", .bold),
                installed == nil ? StyledText("available", .dim) : StyledText("installed", .green),
                StyledText(ByteCount.text(bytes)),
                StyledText(entry.map { ByteCount.scaled(Int64($0.parameters)) } ?? ""),
                StyledText(entry?.licence.name ?? "see its page"))
        }
        try context.finish(.array(models.map { Self.document($0.entry, $0.installed) }), people: table.text)
    }

    private static func document(_ entry: CatalogueEntry?, _ installed: InstalledModel?) -> JSONValue {
        [
            "name": .string(entry?.name ?? installed?.name ?? ""),
            "title": entry.map { .string($0.title) } ?? .null,
            "installed": .bool(installed != nil),
            "path": installed.map { .string($0.path) } ?? .null,
            "size_bytes": .integer(installed?.bytes ?? entry?.fileBytes ?? 0),
            "download_bytes": entry.map { .integer($0.downloadBytes) } ?? .null,
            "architecture": entry.map { .string($0.architecture) } ?? .null,
            "parameters": entry.map { .integer(Int64($0.parameters)) } ?? .null,
            "licence": ModelDocuments.licence(entry, beside: installed),
        ]
    }
}
