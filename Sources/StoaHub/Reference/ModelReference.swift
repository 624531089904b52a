/// What a user means by a model's name.
package enum ModelReference: Sendable, Hashable {
    /// A model of the catalogue.
    case bundled(CatalogueEntry)
    /// A weights file or a model folder on this disk.
    case local(path: String)
    /// A file or a folder of a hub.
    case hub(HubAddress)

    /// The name as users type it.
    package var name: String {
        switch self {
        case .bundled(let entry): entry.name
        case .local(let path): path
        case .hub(let address): address.description
        }
    }

    /// Reads a name.
    ///
    /// In this order: `hf:…` is an address on the hub; `openai:…` and URLs are refused; a name of the catalogue is that
    /// model; anything with a slash, ending in `.gguf`, or existing on disk is a path. A folder that happens to be called
    /// like a model of the catalogue is reached as `./name`.
    ///
    /// - Parameters:
    ///   - text: what the user typed.
    ///   - catalogue: the models known by name.
    /// - Throws: `HubError` of kind usage for a name that means nothing, of kind bad input for a path to nothing.
    package init(_ text: String, catalogue: ModelCatalogue) throws(HubError) {
        if text.hasPrefix(HubAddress.prefix) {
            self = .hub(try HubAddress(text))
        } else if ["openai:", "http://", "https://"].contains(where: text.hasPrefix) {
            throw .remoteModel(text)
        } else if let entry = catalogue[text] {
            self = .bundled(entry)
        } else if !text.isEmpty, Files.exists(text) {
            self = .local(path: text)
        } else if text.contains("/") || text.hasSuffix(".gguf") {
            throw .noSuchFile(text)
        } else {
            throw .unknownModel(
                text, known: catalogue.names, nearest: NameDistance.nearest(to: text, in: catalogue.names))
        }
    }
}
