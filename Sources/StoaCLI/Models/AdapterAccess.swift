internal import OrderedCollections
internal import StoaCore
internal import StoaHub
internal import StoaModel
internal import StoaRemote
internal import StoaRuntime
internal import StoaTraining

extension CommandContext {
    /// The adapters of this user: `adapters` in `STOA_HOME`.
    ///
    /// - Throws: `CLIError` where there is no such place.
    var adapterLibrary: AdapterLibrary {
        get throws { AdapterLibrary(root: try StateFolder(environment: environment).path + "/adapters") }
    }

    /// What trains a model.
    ///
    /// - Parameters:
    ///   - name: what the model is called.
    ///   - path: its file or folder.
    ///   - threads: how many threads it may use.
    /// - Returns: a trainer, which loads nothing before it is asked to train.
    /// - Throws: `TrainingError` for a model that cannot be trained; `CLIError` where adapters cannot be kept.
    func trainer(of name: String, at path: String, threads: Int) throws -> LocalTrainer {
        var options = LocalTrainer.Options()
        options.threads = threads
        options.cacheFolder = try ModelAccess(context: self).cacheFolder
        options.checkpointFolder = try StateFolder(environment: environment).path + "/training"
        return try LocalTrainer(model: path, name: name, adapters: adapterLibrary, options: options)
    }

    /// The plan with adapters named by their content, so that its record says all that there is to know.
    ///
    /// Those that are named by a path are taken into the library.
    ///
    /// - Parameter plan: a plan whose models are named in full.
    /// - Returns: the plan.
    /// - Throws: `AdapterError` for a path at which there is no adapter of one of its models.
    func resolvingAdapters(of plan: Plan) async throws -> Plan {
        let names = plan.namedAdapters
        guard !names.isEmpty else { return plan }
        let library = try adapterLibrary
        var bases: [StoredModel] = []
        for (name, model) in plan.models
        where plan.modelsInUse.contains(name) && !model.use.hasPrefix(RemoteEndpoint.prefix) {
            bases.append(try StoredModel(path: try await self.model(model.use).path))
        }
        var found: [String: AdapterReference] = [:]
        for name in names {
            // Which of several models it belongs to is what it fits.
            var failure: (any Error)?
            for base in bases where found[name] == nil {
                do {
                    found[name] = try library.reference(name, for: base)
                } catch {
                    failure = error
                }
            }
            if found[name] == nil, let failure { throw failure }
        }
        return try plan.replacingAdapters(found, environment: PlanSource.environment)
    }
}
