internal import ArgumentParser
internal import StoaCore

/// How tokens are chosen.
struct SamplingOptions: ParsableArguments {
    @Option(name: .long, help: "Divides the logits; 0 always takes the most probable token.")
    var temperature: Double?

    @Option(name: .long, help: "Keep this many of the most probable tokens; 0 keeps all.")
    var topK: Int?

    @Option(name: .long, help: "Keep the fewest tokens whose probabilities add up to this.")
    var topP: Double?

    @Option(name: .long, help: "Keep tokens at least this times as probable as the most probable one.")
    var minP: Double?

    @Option(name: .long, help: "Divides the logits of tokens that have occurred; 1 changes nothing.")
    var repetitionPenalty: Double?

    @Option(name: .long, help: "Subtracted from the logits of tokens that have been generated.")
    var presencePenalty: Double?

    @Option(name: .long, help: "Subtracted from a token's logit for every time it has been generated.")
    var frequencyPenalty: Double?

    /// What these options, the environment and the defaults come to, checked; greedy where nothing is said.
    func parameters(logProbabilities: Int?, in context: CommandContext) throws -> SamplingParameters {
        let settings = context.settings
        var parameters = SamplingParameters(
            temperature: try settings.resolve(temperature, "temperature", default: 0),
            topK: try settings.resolve(topK, "top-k", default: 0),
            topP: try settings.resolve(topP, "top-p", default: 1),
            minP: try settings.resolve(minP, "min-p", default: 0), logProbabilities: logProbabilities)
        parameters.repetitionPenalty = try settings.resolve(repetitionPenalty, "repetition-penalty", default: 1)
        parameters.presencePenalty = try settings.resolve(presencePenalty, "presence-penalty", default: 0)
        parameters.frequencyPenalty = try settings.resolve(frequencyPenalty, "frequency-penalty", default: 0)
        try parameters.validate()
        return parameters
    }
}
