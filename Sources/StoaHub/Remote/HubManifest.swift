internal import OrderedCollections
internal import StoaCore

/// What was fetched into a hub model's folder: `.stoa.json` beside the files.
///
/// A file counts as there once it is listed.
struct HubManifest: Sendable {
    /// Files by their path in the repository.
    var files: [String: HubDownload.Received] = [:]
    /// Whether everything that a model folder needs is there.
    var isWholeFolder = false

    private static let name = ".stoa.json"

    /// Reads a folder's manifest; an unreadable one is as good as none, and the files are fetched again.
    static func read(_ folder: String) -> HubManifest {
        var manifest = HubManifest()
        guard let text = Files.text("\(folder)/\(name)"), let document = try? JSONParser.parse(text),
            let files = document["files"]?.objectValue
        else { return manifest }
        for (file, facts) in files {
            guard let bytes = facts["bytes"]?.intValue, let digest = facts["sha256"]?.stringValue else { continue }
            manifest.files[file] = HubDownload.Received(bytes: Int64(bytes), sha256: digest)
        }
        manifest.isWholeFolder = document["whole_folder"]?.boolValue ?? false
        return manifest
    }

    func write(_ folder: String) throws(HubError) {
        let entries = files.sorted { $0.key < $1.key }.map { file, facts in
            (file, JSONValue.object(["bytes": .integer(facts.bytes), "sha256": .string(facts.sha256)]))
        }
        let document = JSONValue.object([
            "whole_folder": .bool(isWholeFolder), "files": .object(OrderedDictionary(uniqueKeysWithValues: entries)),
        ])
        try Files.write(document.text + "\n", to: "\(folder)/\(Self.name)")
    }

    /// Drops a file from the list, and with it the claim that the folder is whole.
    static func forget(_ address: HubAddress, in location: StoreLocation) throws(HubError) {
        guard let file = address.file else { return }
        var manifest = read(location.folder(of: address))
        manifest.files[file] = nil
        manifest.isWholeFolder = false
        try manifest.write(location.folder(of: address))
    }

    /// The model at an address, if it is here.
    static func installed(_ address: HubAddress, in location: StoreLocation, isFresh: Bool = false) -> InstalledModel? {
        let folder = location.folder(of: address)
        let manifest = read(folder)
        if let file = address.file {
            let path = "\(folder)/\(file)"
            guard let facts = manifest.files[file], Files.size(path) == facts.bytes else { return nil }
            return InstalledModel(
                name: address.description, path: path, bytes: facts.bytes, sha256: facts.sha256, isFresh: isFresh)
        }
        guard manifest.isWholeFolder,
            manifest.files.allSatisfy({ Files.size("\(folder)/\($0.key)") == $0.value.bytes })
        else { return nil }
        let bytes = manifest.files.values.reduce(0) { $0 + $1.bytes }
        return InstalledModel(name: address.description, path: folder, bytes: bytes, isFresh: isFresh)
    }

    /// Every model of a hub that is here, by name.
    static func all(in location: StoreLocation) -> [InstalledModel] {
        let root = location.models + "/hf"
        var models: [InstalledModel] = []
        for owner in Files.names(root) {
            for repository in Files.names("\(root)/\(owner)") {
                for revision in Files.names("\(root)/\(owner)/\(repository)") {
                    let base = "\(HubAddress.prefix)\(owner)/\(repository)@\(revision)"
                    let manifest = read("\(root)/\(owner)/\(repository)/\(revision)")
                    let addresses =
                        manifest.isWholeFolder ? [base] : manifest.files.keys.sorted().map { "\(base)/\($0)" }
                    models += addresses.compactMap { text in
                        (try? HubAddress(text)).flatMap { installed($0, in: location) }
                    }
                }
            }
        }
        return models
    }
}
