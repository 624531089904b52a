/// Where models and derived files are kept.
///
///     <root>/models/<name>/                              a bundled model: weights, licence
///     <root>/models/<name>/partial/                      a pull under way: verified packages, unfinished files
///     <root>/models/hf/<owner>/<repository>/<revision>/  files of a hub
///     <root>/models/.locks/                              one lock per model
///     <root>/fingerprints/                               hashes of weight files by path, size and time
package struct StoreLocation: Sendable, Hashable {
    /// The root folder, absolute.
    package let root: String

    /// Takes the root as given.
    package init(root: String) { self.root = Files.absolute(root) }

    /// Decides the root: `STOA_CACHE`, else `stoa` in `XDG_CACHE_HOME`, else `.cache/stoa` in the home folder.
    ///
    /// - Parameter environment: names and values.
    /// - Throws: `HubError` of kind usage when none of the three is set.
    package init(environment: [String: String]) throws(HubError) {
        if let root = environment["STOA_CACHE"], !root.isEmpty {
            self.init(root: root)
        } else if let caches = environment["XDG_CACHE_HOME"], caches.hasPrefix("/") {
            self.init(root: caches + "/stoa")
        } else if let home = environment["HOME"], !home.isEmpty {
            self.init(root: home + "/.cache/stoa")
        } else {
            throw .invalidSetting("STOA_CACHE", "", expected: "a folder for models (there is no HOME either)")
        }
    }

    /// The folder of all models.
    package var models: String { root + "/models" }
    /// The folder of the fingerprint cache.
    package var fingerprints: String { root + "/fingerprints" }

    var locks: String { models + "/.locks" }

    func folder(of entry: CatalogueEntry) -> String { "\(models)/\(entry.name)" }
    func file(of entry: CatalogueEntry) -> String { "\(folder(of: entry))/\(entry.file)" }

    func folder(of address: HubAddress) -> String {
        "\(models)/hf/\(address.owner)/\(address.repository)/\(address.revision)"
    }
}
