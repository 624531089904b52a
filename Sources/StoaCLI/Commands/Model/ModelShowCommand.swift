internal import ArgumentParser
internal import StoaCore
internal import StoaHub
internal import StoaModel

/// `stoa model show`: what a model is.
struct ModelShowCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Describe a model: architecture, size, quantisation, template, licence.")

    @OptionGroup var output: OutputOptions

    @Argument(help: "A model.")
    var name: String

    func run(in context: CommandContext) async throws {
        let installed = try await context.model(name)
        let access = ModelAccess(context: context)
        let stored = try StoredModel(path: installed.path)
        let information = try stored.information(cacheFolder: try access.cacheFolder)
        let template = try stored.chatTemplateSource()
        let document = Self.document(information, installed: installed, template: template)
        try context.finish(document, people: Self.table(information, installed: installed, template: template))
    }

    private static func document(
        _ information: ModelInformation, installed: InstalledModel, template: String?
    ) -> JSONValue {
        [
            "name": .string(installed.name), "path": .string(information.path),
            "architecture": .string(information.architecture),
            "parameters": .integer(Int64(information.parameters)),
            "context": .integer(Int64(information.contextLength)), "layers": .integer(Int64(information.layers)),
            "width": .integer(Int64(information.width)), "heads": .integer(Int64(information.heads)),
            "kv_heads": .integer(Int64(information.keyValueHeads)),
            "head_width": .integer(Int64(information.headWidth)),
            "vocabulary": .integer(Int64(information.vocabularySize)),
            "file_bytes": .integer(Int64(information.fileBytes)),
            "quantisation": .array(
                information.storage.map {
                    [
                        "class": .string($0.kind), "type": .string($0.type), "tensors": .integer(Int64($0.tensors)),
                        "bytes": .integer(Int64($0.bytes)),
                    ]
                }),
            "template": template.map { .string($0) } ?? .null,
            "licence": ModelDocuments.licence(installed.entry, beside: installed),
            "fingerprint": .string(information.fingerprint.digest.description),
            "sha256": .string(information.fingerprint.weights),
        ]
    }

    private static func table(
        _ information: ModelInformation, installed: InstalledModel, template: String?
    ) -> StyledText {
        var facts = TextTable(.leading, .leading)
        func add(_ name: String, _ value: String) { facts.add(StyledText(name), StyledText(value)) }
        add("name", installed.name)
        add("path", information.path)
        add("architecture", information.architecture)
        add("parameters", "\(information.parameters)")
        add("context", "\(information.contextLength) positions")
        add("layers", "\(information.layers), width \(information.width)")
        add(
            "heads",
            "\(information.heads) of \(information.headWidth), \(information.keyValueHeads) for keys and values")
        add("vocabulary", "\(information.vocabularySize) tokens")
        add("chat template", template == nil ? "none: a base model" : "yes")
        add("licence", installed.entry?.licence.name ?? "not stated by its source")
        add("fingerprint", information.fingerprint.description)
        var storage = TextTable(.leading, .leading, .trailing, .trailing)
        storage.add("tensors", "stored as", "number", "MB")
        for entry in information.storage {
            storage.add(
                StyledText(entry.kind), StyledText(entry.type), StyledText("\(entry.tensors)"),
                StyledText("\((Double(entry.bytes) / 1e5).rounded() / 10)"))
        }
        return facts.text + "\n\n" + storage.text
    }
}
