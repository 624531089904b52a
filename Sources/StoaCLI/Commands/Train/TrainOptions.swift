internal import ArgumentParser
internal import StoaCore

/// What every training is told.
struct TrainOptions: ParsableArguments {
    @Option(name: .long, help: "The model: a name, a GGUF file, a model folder, or hf:owner/repo/file.")
    var model: String?

    @Option(name: .long, help: "The examples: JSON Lines; '-' for standard input.")
    var data: String

    @Option(name: .long, help: ArgumentHelp("The folder for the adapter, as PEFT keeps it.", valueName: "dir"))
    var out: String

    @Option(
        name: .long, help: "The adapter to go on from: a digest, a PEFT folder or a GGUF file; by default a new one.")
    var from: String?

    @Option(name: .long, help: "The rank of a new adapter.")
    var rank: Int?

    @Option(
        name: .long, help: "Divided by the rank: what the adapter's part is multiplied by; by default twice the rank.")
    var alpha: Double?

    @Option(name: .long, help: "The matrices to adapt, such as q,v,down; by default all of a layer.")
    var targets: String?

    @Option(name: .long, help: "The greatest step size.")
    var learningRate: Double?

    @Option(name: .long, help: "What the step size does: constant, linear or cosine.")
    var schedule: String?

    @Option(name: .long, help: "The part of the steps over which the step size grows from 0.")
    var warmup: Double?

    @Option(name: .long, help: "How often each example is seen; may be a fraction.")
    var epochs: Double?

    @Option(name: .long, help: "Examples of a step.")
    var batch: Int?

    @Option(name: .long, help: "The most tokens of an example's side; longer ones are left out and counted.")
    var maxTokens: Int?

    @Option(name: .long, help: "Decoupled weight decay.")
    var weightDecay: Double?

    @Option(name: .long, help: "The greatest norm of a step's gradients; 0 for no bound.")
    var maxGradNorm: Double?

    @Option(name: .long, help: "How matrix products are rounded: bf16 or fp32.")
    var precision: String?

    @Option(name: .long, help: "The seed of all chance.")
    var seed: UInt64?

    @Option(name: .long, help: ArgumentHelp("Seconds between two checkpoints.", valueName: "seconds"))
    var checkpointEvery = 30.0

    @OptionGroup var compute: ComputeOptions

    /// The settings that these options come to.
    ///
    /// - Parameters:
    ///   - loss: the loss.
    ///   - options: what the loss is told.
    ///   - fallback: the step size where nothing is said.
    /// - Returns: the settings; the trainer checks them.
    func settings(loss: String, options: JSONValue.Members, learningRate fallback: Double) -> TrainingSettings {
        var settings = TrainingSettings(loss: loss, options: options)
        settings.rank = rank ?? settings.rank
        settings.alpha = alpha ?? Double(2 * settings.rank)
        settings.targets = (targets ?? "").split(separator: ",").map(String.init)
        settings.learningRate = learningRate ?? fallback
        settings.schedule = schedule ?? settings.schedule
        settings.warmup = warmup ?? settings.warmup
        settings.epochs = epochs ?? settings.epochs
        settings.batch = batch ?? settings.batch
        settings.maximumTokens = maxTokens ?? settings.maximumTokens
        settings.weightDecay = weightDecay ?? settings.weightDecay
        if let maxGradNorm { settings.maximumGradientNorm = maxGradNorm == 0 ? nil : maxGradNorm }
        settings.precision = precision ?? settings.precision
        return settings
    }
}
