internal import ArgumentParser
internal import StoaCore
internal import StoaModel
internal import StoaText

/// `stoa generate`: plain generation from one prompt.
struct GenerateCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Generate text from a prompt.",
        discussion: "Example: stoa generate --chat --prompt \"What is the capital of France?\" --temperature 0")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "The prompt.")
    var prompt: String

    @Option(name: .long, help: "Answer with an adapter: a PEFT folder, a GGUF file, or the digest of a known one.")
    var adapter: String?

    @Flag(name: .long, help: "Put the prompt into the model's chat template, as a user's message.")
    var chat = false

    @Option(name: .long, help: "The most tokens to generate.")
    var maxTokens: Int?

    @Option(name: .long, parsing: .singleValue, help: "A string that ends the text; may be repeated.")
    var stop: [String] = []

    @Option(name: .long, help: "Report log-probabilities, and this many alternatives of each token.")
    var logprobs: Int?

    @Option(name: .long, help: "The seed of all chance.")
    var seed: UInt64?

    func run(in context: CommandContext) async throws {
        let access = ModelAccess(context: context)
        let opened = try await access.open(engine)
        let tokenizer = try await opened.model.tokenizer()
        let ids = try prompt(for: opened.model, tokenizer)
        var request = GenerationRequest()
        request.sampling = try sampling.parameters(logProbabilities: logprobs, in: context)
        request.maximumTokens = try context.settings.resolve(maxTokens, "max-tokens", default: 256)
        request.stop.strings = stop
        request.adapter = try access.adapter(adapter, for: opened.model)
        let seed = try context.settings.resolve(seed, "seed", default: 0)
        request.stream = RandomStream(seed: seed).child("generate")
        guard !ids.isEmpty else {
            throw CLIError.invalidSetting("--prompt", value: prompt, expected: "at least one token")
        }
        let start = context.clock.now
        var first: ContinuousClock.Instant?
        let stream = try await opened.model.stream(ids.map { .token($0) }, request: request)
        for try await event in stream {
            if first == nil { first = context.clock.now }
            if !context.json { try context.console.write(StyledText(event.text)) }
        }
        let end = context.clock.now
        let generation = await stream.generation()
        if context.json {
            try context.console.writeLine(
                StyledText(
                    document(
                        generation, load: opened.loadSeconds, prefill: seconds((first ?? end) - start),
                        decode: seconds(end - (first ?? end))
                    ).text))
        } else {
            try context.console.writeLine("")
        }
    }

    /// The prompt's tokens; in a chat, what the user says can't forge a control token.
    private func prompt(for model: LocalModel, _ tokenizer: Tokenizer) throws -> [TokenID] {
        guard chat else { return tokenizer.encode(prompt, specialTokens: .parse, addSpecial: true) }
        let rendered = try model.stored.chatTemplate(for: tokenizer).render(
            messages: [["role": "user", "content": .string(prompt)]], now: TemplateDate(SystemTimeSource().wallTime))
        return tokenizer.encode(segments: rendered.segments)
    }

    private func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

    private func document(_ generation: Generation, load: Double, prefill: Double, decode: Double) -> JSONValue {
        // The first token comes out of the prefill; the rest are decoded one by one.
        let rest = Double(max(generation.tokens.count - 1, 0))
        return [
            "text": .string(generation.text),
            "token_ids": .array(generation.tokens.map { .integer(Int64($0.rawValue)) }),
            "finish_reason": .string(generation.finish.rawValue),
            "usage": generation.usage.document,
            "timing": [
                "load_seconds": .number(load),
                "prefill_tokens_per_second": .number(
                    prefill > 0 ? Double(generation.usage.prefillTokens) / prefill : 0),
                "decode_tokens_per_second": .number(decode > 0 ? rest / decode : 0),
            ],
            "logprobs": .array(generation.logProbabilities.map(\.document)),
        ]
    }
}

extension GenerationEvent {
    /// The text that the event brings.
    fileprivate var text: String {
        switch self {
        case .token(let token): token.text
        case .end(let end): end.text
        }
    }
}
