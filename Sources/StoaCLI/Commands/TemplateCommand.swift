internal import ArgumentParser
internal import StoaCore
internal import StoaModel
internal import StoaText

/// `stoa template`: a conversation as a model wants it written.
struct TemplateCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "template", abstract: "Render a conversation with a model's chat template.")

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The model: a name, a GGUF file, a model folder, or hf:owner/repo/file.")
    var model: String?

    @Option(name: .long, help: "A JSON file with the messages, [{\"role\": …, \"content\": …}, …].")
    var messages: String

    @Option(name: .long, help: "A JSON file with the schemas of tools.")
    var tools: String?

    @Option(name: .long, help: "A template file, instead of the model's own.")
    var template: String?

    @Flag(name: .long, help: "Do not begin the assistant's next message.")
    var noGenerationPrompt = false

    func run(in context: CommandContext) async throws {
        guard let conversation = try InputFile.json(messages).arrayValue else {
            throw CLIError.invalidInput(messages, "expected a list of messages")
        }
        let schemas = try tools.map { try InputFile.json($0) }
        let stored = try await ModelAccess(context: context).store(model)
        let tokenizer = try stored.makeTokenizer()
        let chat =
            if let template {
                try StoredModel.chatTemplate(
                    source: String(decoding: InputFile.read(template), as: UTF8.self), name: template,
                    tokenizer: tokenizer)
            } else {
                try stored.chatTemplate(for: tokenizer)
            }
        let rendered = try chat.render(
            messages: conversation, tools: schemas, addGenerationPrompt: !noGenerationPrompt,
            now: TemplateDate(SystemTimeSource().wallTime))
        if context.json {
            try context.console.writeLine(StyledText((["text": .string(rendered.text)] as JSONValue).text))
        } else {
            try context.console.write(StyledText(rendered.text))
        }
    }
}
