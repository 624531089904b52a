/// A model whose files are on this machine.
package struct InstalledModel: Sendable, Hashable {
    /// The name as users type it.
    package let name: String
    /// The weights file, or the model folder.
    package let path: String
    /// Bytes of the file, or of all files in the folder.
    package let bytes: Int64
    /// The SHA-256 of the weights file in hexadecimal, where it was verified against a known one.
    package let sha256: String?
    /// The catalogue's entry, for a bundled model.
    package let entry: CatalogueEntry?
    /// Whether this call fetched it, rather than finding it.
    package let isFresh: Bool

    init(
        name: String, path: String, bytes: Int64, sha256: String? = nil, entry: CatalogueEntry? = nil,
        isFresh: Bool = false
    ) {
        self.name = name
        self.path = path
        self.bytes = bytes
        self.sha256 = sha256
        self.entry = entry
        self.isFresh = isFresh
    }
}
