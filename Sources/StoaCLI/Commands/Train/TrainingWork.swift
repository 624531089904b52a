internal import Glibc
internal import OrderedCollections
internal import StoaCore
internal import StoaHub
internal import StoaModel
internal import StoaTraining

/// A training as commands run it: examples from a file, checkpoints and the adapter in a folder.
struct TrainingWork {
    let options: TrainOptions
    let settings: TrainingSettings
    let context: CommandContext

    /// Trains, and tells how it goes.
    ///
    /// - Parameters:
    ///   - comparesSides: whether every example must have a rejected side.
    ///   - reference: the adapter that preferences are held to, as the user names it; nil for the model itself.
    /// - Throws: what reading, training and writing throw.
    func run(comparesSides: Bool, reference: String? = nil) async throws {
        guard options.checkpointEvery.isFinite, options.checkpointEvery >= 0 else {
            throw CLIError.invalidSetting(
                "--checkpoint-every", value: String(options.checkpointEvery), expected: "a number from 0 on")
        }
        let file = try TrainingFile(InputFile.read(options.data), path: options.data, comparesSides: comparesSides)
        // A folder that cannot be made is found out before an hour of work.
        try StateFolder.make(options.out)
        try context.selectKernelPath()
        let library = try context.adapterLibrary
        let installed = try await context.model(
            context.settings.resolve(options.model, "model", default: EngineOptions.defaultModel))
        let stored = try StoredModel(path: installed.path)
        var request = TrainingRequest(
            examples: file.examples, settings: settings,
            seed: SeedPath(seed: try context.settings.resolve(options.seed, "seed", default: 0)))
        request.start = try options.from.map { try library.reference($0, for: stored) }
        request.reference = try reference.map { try library.reference($0, for: stored) }
        let trainer = try self.trainer(of: installed, in: library)
        try check(file.fingerprints, are: stored, installed.name)
        let narrator = TrainingNarrator(context: context)
        let reply: TrainingReply
        do {
            reply = try await trainer.train(request) { narrator.tell($0) }
        } catch {
            try narrator.finish()
            if error is CancellationError { context.console.note("the same command goes on from here") }
            throw error
        }
        try narrator.finish()
        let adapter = try library.adapter(reply.adapter)
        try adapter.writePEFT(to: options.out, baseModel: installed.name)
        // Empty by now, unless another training left something there.
        rmdir(checkpoints)
        try context.finish(
            summary(reply, adapter, of: trainer.identity, examples: file.examples.count),
            people: Self.table(reply, out: options.out))
    }

    /// Token ids mean something to the model alone that read and wrote them, however precisely it computed.
    private func check(_ fingerprints: Set<String>, are model: StoredModel, _ name: String) throws {
        guard !fingerprints.isEmpty else { return }
        let folder = try ModelAccess(context: context).cacheFolder
        let own = try Precision.allCases.map {
            try model.information(precision: $0, cacheFolder: folder).fingerprint.digest.description
        }
        guard let stranger = fingerprints.subtracting(own).min() else { return }
        throw CLIError.invalidSettings(
            "\(options.data): expected token ids of \(name), found some of a model whose fingerprint is \(stranger)",
            hint: "train that model, or leave the ids out: then the words are learned")
    }

    private var checkpoints: String { "\(options.out)/checkpoints" }

    private func trainer(of model: InstalledModel, in library: AdapterLibrary) throws -> LocalTrainer {
        var options = LocalTrainer.Options()
        options.threads = try self.options.compute.resolve(in: context).threads
        options.cacheFolder = try ModelAccess(context: context).cacheFolder
        options.checkpointFolder = checkpoints
        options.checkpointInterval = .seconds(self.options.checkpointEvery)
        return try LocalTrainer(model: model.path, name: model.name, adapters: library, options: options)
    }

    // MARK: - Results

    private func summary(
        _ reply: TrainingReply, _ adapter: Adapter, of model: ModelIdentity, examples: Int
    ) -> JSONValue {
        let seconds = reply.duration / .seconds(1)
        let figures = reply.figures.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.number($0.value)) }
        return [
            "done": true, "step": .integer(Int64(reply.losses.count)), "loss": .number(reply.losses.last ?? 0),
            "first_loss": .number(reply.losses.first ?? 0), "adapter": .string(reply.adapter.description),
            "out": .string(options.out), "objective": .string(settings.loss),
            "rank": .integer(Int64(adapter.configuration.rank)), "alpha": .number(adapter.configuration.alpha),
            "targets": .array(adapter.configuration.targets.map { .string($0.rawValue) }),
            "parameters": .integer(Int64(adapter.parameterCount)), "examples": .integer(Int64(examples)),
            "left_out": .integer(Int64(reply.leftOut)), "tokens": .integer(Int64(reply.tokens)),
            "scored_tokens": .integer(Int64(reply.scoredTokens)), "seconds": .number(seconds),
            "figures": .object(JSONValue.Members(uniqueKeysWithValues: figures)),
            "model": ["name": .string(model.name), "fingerprint": .string(model.fingerprint)],
        ]
    }

    private static func table(_ reply: TrainingReply, out: String) -> StyledText {
        var table = TextTable(.leading, .leading)
        func add(_ name: String, _ text: String) { table.add(StyledText(name), StyledText(text)) }
        func rounded(_ value: Double) -> String { String((value * 1e4).rounded() / 1e4) }
        add("adapter", reply.adapter.description)
        add("folder", out)
        add("steps", String(reply.losses.count))
        add("loss", "\(rounded(reply.losses.first ?? 0)) at first, \(rounded(reply.losses.last ?? 0)) at last")
        for name in ["accuracy", "margin"] {
            if let value = reply.figures[name] { add(name, rounded(value)) }
        }
        if reply.leftOut > 0 { add("too long", "\(reply.leftOut) examples") }
        add("tokens", "\(reply.tokens), of which \(reply.scoredTokens) were learned")
        add("seconds", String((reply.duration / .seconds(1) * 10).rounded() / 10))
        return table.text
    }
}
