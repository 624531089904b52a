internal import StoaCore
internal import StoaHub
internal import StoaModel
internal import StoaText

/// From what a user calls a model to a model that runs; a missing one is fetched on the way.
struct ModelAccess {
    let context: CommandContext

    /// A model, and how long loading took.
    struct Opened {
        let installed: InstalledModel
        let model: LocalModel
        let loadSeconds: Double
    }

    /// Opens the model without loading its weights.
    ///
    /// - Parameter name: what the user calls it; nil for what the settings say.
    /// - Returns: the model's files.
    /// - Throws: what fetching or opening throws.
    func store(_ name: String?) async throws -> StoredModel {
        try StoredModel(path: try await installed(name).path)
    }

    /// The model's place on this machine, fetched first where it is missing.
    func installed(_ name: String?) async throws -> InstalledModel {
        try await context.model(
            try context.settings.resolve(name, "model", default: EngineOptions.defaultModel))
    }

    /// The options with the folder for derived files; the kernel path that the user asked for is in force afterwards.
    func completed(_ options: LocalModel.Options) throws -> LocalModel.Options {
        try context.selectKernelPath()
        var options = options
        options.cacheFolder = try cacheFolder
        options.derivedFolder = try derivedFolder
        return options
    }

    /// Where files that can be derived again are kept.
    var cacheFolder: String {
        get throws { try StoreLocation(environment: context.environment.variables).root }
    }

    /// Where larger things that can be derived again are kept.
    var derivedFolder: String {
        get throws { try "\(cacheFolder)/derived" }
    }

    /// The adapter that the user names; one that is named by a path is taken into the library.
    ///
    /// - Parameters:
    ///   - name: a digest, a PEFT folder or a GGUF file; nil for none.
    ///   - model: the model that is to answer with it.
    /// - Returns: the adapter's address; nil for none.
    /// - Throws: `AdapterError` or `WeightFileError` for an adapter that cannot be used, `CLIError` where there is no
    ///   place for it.
    func adapter(_ name: String?, for model: LocalModel) throws -> AdapterReference? {
        try name.map { try context.adapterLibrary.reference($0, for: model.stored) }
    }

    /// Loads the model that the options name.
    func open(_ engine: EngineOptions) async throws -> Opened {
        let (name, options) = try engine.resolve(in: context)
        let complete = try completed(options)
        let installed = try await context.model(name)
        let start = context.clock.now
        // Without a place for adapters, only those who name one have to hear of it.
        let model = try await LocalModel.load(
            installed.path, options: complete, adapters: try? context.adapterLibrary)
        return Opened(installed: installed, model: model, loadSeconds: (context.clock.now - start) / .seconds(1))
    }
}
