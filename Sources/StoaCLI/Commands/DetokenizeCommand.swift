internal import ArgumentParser
internal import StoaCore
internal import StoaModel
internal import StoaText

/// `stoa detokenize`: the text of ids.
struct DetokenizeCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "detokenize", abstract: "Print the text of token ids.")

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The model: a name, a GGUF file, a model folder, or hf:owner/repo/file.")
    var model: String?

    @Flag(name: .long, help: "Leave control tokens out.")
    var skipSpecial = false

    @Argument(help: "The ids, separated by spaces or commas.")
    var ids: [String]

    func run(in context: CommandContext) async throws {
        let words = ids.flatMap { $0.split { " ,[]\n\t".contains($0) } }
        let parsed = try words.map { word in
            guard let id = Int32(word) else {
                throw CLIError.invalidSetting("ids", value: String(word), expected: "numbers")
            }
            return TokenID(rawValue: id)
        }
        let tokenizer = try await ModelAccess(context: context).store(model).makeTokenizer()
        let text = try tokenizer.decode(parsed, skipSpecial: skipSpecial)
        try context.finish(["text": .string(text)], people: StyledText(text))
    }
}
