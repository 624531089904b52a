internal import OrderedCollections
internal import StoaCore
internal import StoaHub
internal import StoaModel
internal import StoaRemote
internal import StoaRuntime

/// The models of one command: each is opened once, however many agents use it.
actor ModelRegistry {
    private let context: CommandContext
    private let base: LocalModel.Options
    private let connections: RemoteConnections
    private let time: any TimeSource
    /// The kernels that a recorded run used; nil for those that the user's settings say.
    private let kernelPath: KernelPath?
    private var opened: [Key: any LanguageModel] = [:]
    private var trainers: [String: any PolicyTrainer] = [:]
    /// How long loading took.
    private(set) var loadSeconds = 0.0

    private struct Key: Hashable {
        var name: String
        var precision: String
    }

    init(
        context: CommandContext, options: LocalModel.Options, connections: RemoteConnections, time: any TimeSource,
        kernelPath: KernelPath? = nil
    ) {
        self.context = context
        base = options
        self.connections = connections
        self.time = time
        self.kernelPath = kernelPath
    }

    /// The models of a plan by its names for them, and what trains them; only those that it makes use of, and none of those
    /// named.
    func models(of plan: Plan, except excluded: Set<String>) async throws -> RunModels {
        let used = plan.modelsInUse.subtracting(excluded)
        var models = RunModels(models: [:])
        for (name, model) in plan.models where used.contains(name) {
            models.models[name] = try await self.model(model.use, precision: model.precision)
        }
        for name in plan.trainedModels where used.contains(name) {
            guard let use = plan.models[name]?.use, !use.hasPrefix(RemoteEndpoint.prefix) else { continue }
            models.trainers[name] = try await trainer(of: use)
        }
        return models
    }

    /// One trainer for each model: names may share one.
    private func trainer(of name: String) async throws -> any PolicyTrainer {
        if let trainer = trainers[name] { return trainer }
        let trainer = try context.trainer(of: name, at: try await context.model(name).path, threads: base.threads)
        trainers[name] = trainer
        return trainer
    }

    private func model(_ name: String, precision: String?) async throws -> any LanguageModel {
        var options = base
        if let precision = precision.flatMap(Precision.init(rawValue:)) { options.precision = precision }
        let key = Key(name: name, precision: options.precision.rawValue)
        if let model = opened[key] { return model }
        let isRemote = name.hasPrefix(RemoteEndpoint.prefix)
        let model: any LanguageModel = isRemote ? try remote(name) : try await local(name, options)
        opened[key] = model
        return model
    }

    private func remote(_ name: String) throws -> OpenAIModel {
        let variables = context.environment.variables
        return OpenAIModel(
            endpoint: try RemoteEndpoint(reference: name, environment: variables), key: APIKey { variables },
            connections: connections, jitter: RandomStream(seed: SystemIdentifierSource().next()), time: time)
    }

    private func local(_ name: String, _ options: LocalModel.Options) async throws -> EngineModel {
        var options = options
        options.cacheFolder = try ModelAccess(context: context).cacheFolder
        options.derivedFolder = try ModelAccess(context: context).derivedFolder
        if let kernelPath { try kernelPath.select() } else { try context.selectKernelPath() }
        let installed = try await context.model(name)
        context.console.progress("loading \(name) …")
        defer { context.console.clearProgress() }
        let start = time.now
        let model = try await LocalModel.load(
            installed.path, options: options, adapters: try context.adapterLibrary)
        loadSeconds += (time.now - start) / .seconds(1)
        return EngineModel(model, name: name, time: time, spillFolder: options.derivedFolder)
    }
}
