internal import StoaCore
internal import StoaHub
internal import StoaTensor

extension CommandContext {
    /// The models on this machine.
    ///
    /// - Returns: a store over `STOA_CACHE`.
    /// - Throws: `HubError` when there is nowhere to keep models.
    func modelStore() throws -> ModelStore {
        ModelStore(
            location: try StoreLocation(environment: environment.variables), environment: environment.variables,
            clock: clock)
    }

    /// A model by the name a user typed, fetched first where it is missing, with the fetching narrated.
    ///
    /// - Parameter name: a bundled model's name, a path or an address.
    /// - Returns: the model.
    /// - Throws: `HubError`; `CancellationError`.
    func model(_ name: String) async throws -> InstalledModel {
        let store = try modelStore()
        let reference = try store.reference(name)
        let narrator = PullNarrator(console: console, clock: clock)
        let model = try await store.pull(reference, observer: { narrator.observe($0) })
        console.clearProgress()
        remember(model, in: store)
        return model
    }

    /// Spares the first load the hashing of what was just verified.
    private func remember(_ model: InstalledModel, in store: ModelStore) {
        guard model.isFresh, let digest = model.sha256.flatMap(SHA256Digest.init(hexadecimal:)),
            let file = try? MappedFile(path: model.path)
        else { return }
        FingerprintCache(folder: store.location.fingerprints).record(digest, of: file)
    }
}
