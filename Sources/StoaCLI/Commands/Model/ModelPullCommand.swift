internal import ArgumentParser
internal import StoaCore
internal import StoaHub

/// `stoa model pull`: fetches a model, checks it and says under which licence its weights are given.
struct ModelPullCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch a model.",
        discussion: """
            An interrupted pull leaves no half model, and the next one goes on from where it stopped. \
            HF_TOKEN opens gated models of a hub.
            """)

    @OptionGroup var output: OutputOptions

    @Argument(help: "A bundled model's name, or hf:owner/repo[@revision][/file].")
    var name: String

    func run(in context: CommandContext) async throws {
        let model = try await context.model(name)
        let licence = model.entry?.licence
        let document: JSONValue = [
            "name": .string(model.name),
            "path": .string(model.path),
            "size_bytes": .integer(model.bytes),
            "sha256": model.sha256.map { .string($0) } ?? .null,
            "licence": ModelDocuments.licence(model.entry, beside: model),
            "already_installed": .bool(!model.isFresh),
        ]
        var people: StyledText = ""
        people += StyledText(model.name, .bold)
        people += model.isFresh ? " is installed" : " was installed already"
        people += "\n  file     \(model.path) (\(ByteCount.text(model.bytes)))"
        if let licence {
            people += "\n  licence  \(licence.name) (\(licence.spdx))"
            if let path = ModelDocuments.licencePath(licence, beside: model) { people += ", text in \(path)" }
        } else {
            people += "\n  licence  not stated with the file; see the model's page"
        }
        try context.finish(document, people: people)
    }
}
