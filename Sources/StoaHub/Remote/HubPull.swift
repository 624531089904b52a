internal import OrderedCollections
internal import StoaCore

/// Fetches a file, or a whole model folder, from a hub.
///
/// Runs under the model's lock.
struct HubPull: Sendable {
    let address: HubAddress
    let location: StoreLocation
    let endpoint: HubEndpoint
    let clock: any Clock<Duration>
    let observer: PullObserver
    var policy = RetryPolicy()

    private var folder: String { location.folder(of: address) }

    /// Does everything.
    ///
    /// - Returns: the model in place.
    /// - Throws: `HubError`; `CancellationError`.
    func run() async throws -> InstalledModel {
        try Files.makeFolder(folder)
        var manifest = HubManifest.read(folder)
        try await HubClient.with(endpoint) { client in
            if let file = address.file {
                try await fetch(file, client, &manifest)
            } else {
                try await fetchFolder(client, &manifest)
                manifest.isWholeFolder = true
                try manifest.write(folder)
            }
        }
        guard let model = HubManifest.installed(address, in: location, isFresh: true) else {
            throw HubError.badResponse(endpoint.base, "\(address): nothing was received")
        }
        return model
    }

    /// Files that every model folder must have.
    private static let required = ["config.json", "tokenizer.json"]
    /// Files that are taken along where they exist.
    private static let optional = [
        "tokenizer_config.json", "generation_config.json", "special_tokens_map.json", "chat_template.jinja", "LICENSE",
    ]
    private static let index = "model.safetensors.index.json"
    private static let whole = "model.safetensors"

    private func fetchFolder(_ client: HubClient, _ manifest: inout HubManifest) async throws {
        for file in Self.required { try await fetch(file, client, &manifest) }
        for file in Self.optional { _ = try await fetchIfThere(file, client, &manifest) }
        guard try await fetchIfThere(Self.index, client, &manifest) else {
            try await fetch(Self.whole, client, &manifest)
            return
        }
        for shard in try shards() { try await fetch(shard, client, &manifest) }
    }

    /// The shards that the index names; each becomes a file name here, so each is checked.
    private func shards() throws -> [String] {
        let path = "\(folder)/\(Self.index)"
        guard let text = Files.text(path, limit: 64 << 20) else {
            throw HubError.badResponse(path, "larger than 64 MiB or no UTF-8")
        }
        guard let map = try JSONParser.parse(text)["weight_map"]?.objectValue, !map.isEmpty else {
            throw HubError.badResponse(path, "expected an object \"weight_map\"")
        }
        let names = Set(map.values.map { $0.stringValue ?? "" })
        for name in names where !HubAddress.isSafe(name) || !name.hasSuffix(".safetensors") {
            throw HubError.badResponse(path, "\"\(name)\" is no name of a shard")
        }
        return names.sorted()
    }

    private func fetchIfThere(_ file: String, _ client: HubClient, _ manifest: inout HubManifest) async throws -> Bool {
        do {
            try await fetch(file, client, &manifest)
            return true
        } catch let error as HubError where error.code == .notFound {
            return false
        }
    }

    private func fetch(_ file: String, _ client: HubClient, _ manifest: inout HubManifest) async throws {
        let destination = "\(folder)/\(file)"
        if let known = manifest.files[file], known.bytes == Files.size(destination) { return }
        try Files.makeFolder(Files.parent(destination))
        let url = endpoint.url(address, file)
        let received = try await HubDownload(
            url: url, item: file, destination: destination, clock: clock, policy: policy,
            hasToken: endpoint.token != nil, observer: observer
        )
        .run(client)
        manifest.files[file] = received
        try manifest.write(folder)
    }
}
