internal import StoaCore
internal import StoaTensor

extension LocalModel {
    /// Loads a model from disk.
    ///
    /// - Parameters:
    ///   - path: a GGUF file, or a Hugging Face folder (config.json and safetensors).
    ///   - options: how it is run.
    ///   - adapters: where the adapters are that requests name; nil for a model that answers with none.
    /// - Returns: a model ready for use.
    /// - Throws: `WeightFileError`, `ModelConfigurationError` or `ModelError` saying what cannot be used and why.
    public static func load(
        _ path: String, options: Options = Options(), adapters: AdapterLibrary? = nil
    ) async throws -> LocalModel {
        try options.validate()
        let lane = ComputeLane(threads: options.threads)
        return try await lane.run {
            let pool = KernelPool(threads: options.threads)
            let stored = try StoredModel(path: path)
            let information = try stored.information(
                precision: options.precision, cacheFolder: options.cacheFolder)
            let packed = try ModelLoader.load(stored.weights, pool: pool)
            return LocalModel(
                lane: lane, pool: pool, weights: packed, stored: stored, information: information, options: options,
                adapters: adapters)
        }
    }
}

extension LocalModel.Options {
    /// Checks what a caller may have taken from a command line.
    func validate() throws {
        let least: [(name: String, value: Int, bound: Int)] = [
            ("threads", threads, 1), ("rows of a pass", passRows, 1), ("KV memory", kvMemory, 1),
            ("prefix memory", prefixMemory, 0), ("adapter memory", adapterMemory, 0),
        ]
        for (name, value, bound) in least where value < bound {
            throw ModelError.invalidRequest("\(name): expected at least \(bound), found \(value)")
        }
    }
}
