internal import ArgumentParser
internal import StoaCore
internal import StoaModel
internal import StoaText

/// `stoa tokenize`: the ids of a text.
struct TokenizeCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize", abstract: "Print the token ids of a text.",
        discussion: """
            Control tokens in the text are parsed, and a beginning is added where the model wants one; with --no-special \
            neither happens.
            """)

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The model: a name, a GGUF file, a model folder, or hf:owner/repo/file.")
    var model: String?

    @Flag(name: .long, help: "Spell control tokens as text, and add nothing.")
    var noSpecial = false

    @Argument(help: "The text; - reads standard input.")
    var text: String

    func run(in context: CommandContext) async throws {
        let bytes = text == "-" ? try InputFile.read("-") : Array(text.utf8)
        let tokenizer = try await ModelAccess(context: context).store(model).makeTokenizer()
        let ids = tokenizer.encode(
            utf8: bytes, specialTokens: noSpecial ? .ignore : .parse, addSpecial: !noSpecial)
        let pieces = ids.map { tokenizer.piece(of: $0) }
        let document: JSONValue = [
            "ids": .array(ids.map { .integer(Int64($0.rawValue)) }), "pieces": .array(pieces.map { .string($0) }),
        ]
        var table = TextTable(.trailing, .leading)
        for (id, piece) in zip(ids, pieces) { table.add(StyledText(id.description), StyledText(piece)) }
        try context.finish(document, people: table.text)
    }
}
