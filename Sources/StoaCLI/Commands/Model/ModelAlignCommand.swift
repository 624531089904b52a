internal import ArgumentParser
internal import StoaCore
internal import StoaHub
internal import StoaModel
internal import StoaTensor

/// `stoa model align`: how well latents of one model can be made latents of another.
struct ModelAlignCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "align",
        abstract: "Fit the map from one model's hidden states to another's embeddings, and say how good it is.",
        discussion: """
            The map is fitted on the tokens that both vocabularies have. Recovery says for how many of them the vector \
            that the token's output row becomes is nearest to the same token's input row among the whole vocabulary of \
            the other model, by inner product (the most probable token) and by cosine.
            """)

    @OptionGroup var output: OutputOptions

    @Argument(help: "The model whose latents are mapped.")
    var from: String

    @Argument(help: "The model that is to read them.")
    var to: String

    @Option(name: .long, help: "The most shared tokens that recovery is tried with.")
    var sample = 2000

    @Option(name: .long, help: "The seed that chooses them.")
    var seed: UInt64 = 0

    @OptionGroup var compute: ComputeOptions

    func run(in context: CommandContext) async throws {
        guard 1...1_000_000 ~= sample else {
            throw CLIError.invalidSetting("--sample", value: String(sample), expected: "1 to 1000000")
        }
        try context.selectKernelPath()
        let threads = try compute.resolve(in: context).threads
        let (source, target) = (try await context.model(from), try await context.model(to))
        let console = context.console
        let (sample, seed) = (sample, seed)
        let (bridge, recovery) = try await ComputeLane(threads: threads).run {
            let models = (try StoredModel(path: source.path), try StoredModel(path: target.path))
            console.progress("fitting the map …")
            let bridge = try VocabularyBridge(from: models.0, to: models.1)
            console.progress("looking for \(min(sample, bridge.sharedTokens)) tokens …")
            return (
                bridge,
                try bridge.recovery(from: models.0, to: models.1, sample: sample, seed: seed, threads: threads)
            )
        }
        console.clearProgress()
        let document: JSONValue = [
            "from": .string(source.name), "to": .string(target.name),
            "shared": .integer(Int64(bridge.sharedTokens)), "residual": .number(bridge.residual),
            "top1_recovery": .number(recovery.topOne), "cosine_recovery": .number(recovery.cosine),
            "n": .integer(Int64(recovery.tried)), "seed": .integer(Int64(bitPattern: seed)),
            "map": .string(bridge.digest.description),
        ]
        try context.finish(document, people: Self.table(document))
    }

    private static func table(_ document: JSONValue) -> StyledText {
        var table = TextTable(.leading, .leading)
        func add(_ name: String, _ text: String) { table.add(StyledText(name), StyledText(text)) }
        func percent(_ key: String) -> String {
            String(((document[key]?.doubleValue ?? 0) * 1000).rounded() / 10) + " %"
        }
        add("from", document["from"]?.stringValue ?? "")
        add("to", document["to"]?.stringValue ?? "")
        add("shared tokens", String(document["shared"]?.intValue ?? 0))
        add("residual", String(((document["residual"]?.doubleValue ?? 0) * 1e4).rounded() / 1e4))
        add("recovered, most probable", percent("top1_recovery"))
        add("recovered, nearest by cosine", percent("cosine_recovery"))
        add("tokens tried", String(document["n"]?.intValue ?? 0))
        return table.text
    }
}
