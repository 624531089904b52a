/// The models that are known by name.
package struct ModelCatalogue: Sendable {
    /// The entries, the default model first.
    package let entries: [CatalogueEntry]

    /// Creates a catalogue.
    ///
    /// - Parameter entries: models with distinct names, the default first.
    package init(entries: [CatalogueEntry]) { self.entries = entries }

    /// The models that come with this version.
    ///
    /// A new one is a file in `Entries` and a name here.
    package static let bundled = ModelCatalogue(entries: [.smolLM2With135M, .gemma3With270M])

    /// The entry of that name.
    package subscript(name: String) -> CatalogueEntry? { entries.first { $0.name == name } }

    /// The names, in order.
    package var names: [String] { entries.map(\.name) }
}
