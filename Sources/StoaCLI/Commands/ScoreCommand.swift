internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaModel

/// `stoa score`: teacher-forced log-probabilities of token sequences.
struct ScoreCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Score token sequences under a model.",
        discussion:
            "The file holds [[id, …], …]. Entry i of `logprobs` is log p(token i | those before it), the first null.")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "A JSON file with the sequences.")
    var tokens: String

    @Option(name: .long, help: "Score with an adapter: a PEFT folder, a GGUF file, or the digest of a known one.")
    var adapter: String?

    @Option(name: .long, help: "Name this many of the most probable tokens at each place.")
    var top = 0

    @Flag(name: .long, help: "Give the hidden states after the final norm.")
    var hidden = false

    func run(in context: CommandContext) async throws {
        let sequences = try Self.sequences(in: InputFile.read(tokens), path: tokens)
        guard top >= 0 else { throw CLIError.invalidSetting("--top", value: String(top), expected: "0 or more") }
        let access = ModelAccess(context: context)
        let opened = try await access.open(engine)
        let adapter = try access.adapter(adapter, for: opened.model)
        var results: [JSONValue] = []
        for sequence in sequences {
            let score = try await opened.model.score(
                sequence, alternatives: top, hidden: hidden, adapter: adapter)
            var document: OrderedDictionary<String, JSONValue> = [
                "logprobs": .array(score.tokens.map { $0.map { .number($0.logProbability) } ?? .null }),
                "top": .array(score.tokens.map { $0?.topDocument ?? [] }),
            ]
            if hidden {
                document["hidden"] = .array(score.hidden.map { .array($0.map { .number(Double($0)) }) })
            }
            results.append(.object(document))
        }
        try context.console.writeLine(StyledText(JSONValue.array(results).text))
    }

    /// Reads `[[id, …], …]`.
    private static func sequences(in bytes: [UInt8], path: String) throws -> [[TokenID]] {
        let document = try InputFile.json(bytes, path: path)
        func invalid(_ place: String) -> CLIError {
            CLIError.invalidInput(path, "\(place): expected lists of token ids, [[id, …], …]")
        }
        guard let lists = document.arrayValue else { throw invalid("the document") }
        return try lists.enumerated().map { index, list in
            guard let ids = list.arrayValue else { throw invalid("entry \(index)") }
            guard !ids.isEmpty else { throw CLIError.invalidInput(path, "entry \(index): the sequence is empty") }
            return try ids.enumerated().map { place, id in
                guard let number = id.intValue.flatMap(Int32.init(exactly:)) else {
                    throw invalid("entry \(index), token \(place)")
                }
                return TokenID(rawValue: number)
            }
        }
    }
}
