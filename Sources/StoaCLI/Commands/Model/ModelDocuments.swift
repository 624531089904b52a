internal import StoaCore
internal import StoaHub

/// The pieces that the documents of several model commands share.
enum ModelDocuments {
    /// The licence of the weights; null where the model's origin does not state it to us.
    static func licence(_ entry: CatalogueEntry?, beside installed: InstalledModel?) -> JSONValue {
        guard let licence = entry?.licence else { return .null }
        return [
            "name": .string(licence.name), "spdx": .string(licence.spdx),
            "text": licencePath(licence, beside: installed).map { .string($0) } ?? .null,
        ]
    }

    /// The file with the licence's text, for a model that is here.
    static func licencePath(_ licence: ModelLicence, beside installed: InstalledModel?) -> String? {
        guard let path = installed?.path, let slash = path.lastIndex(of: "/") else { return nil }
        return path[...slash] + licence.file
    }
}
