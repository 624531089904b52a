/// A model that is fetched by name.
package struct CatalogueEntry: Sendable, Hashable {
    /// What users type.
    package let name: String
    /// What the model calls itself.
    package let title: String
    /// The architecture, as weight files name it.
    package let architecture: String
    /// The number of parameters.
    package let parameters: Int
    /// The licence of the weights.
    package let licence: ModelLicence
    /// The weights file's name.
    package let file: String
    /// The weights file's size.
    package let fileBytes: Int64
    /// The weights file's SHA-256, in hexadecimal.
    package let fileSHA256: String
    /// The packages that carry it, in the order in which the parts of the weights follow each other.
    package let packages: [ModelPackage]

    /// Creates an entry.
    package init(
        name: String, title: String, architecture: String, parameters: Int, licence: ModelLicence, file: String,
        fileBytes: Int64, fileSHA256: String, packages: [ModelPackage]
    ) {
        self.name = name
        self.title = title
        self.architecture = architecture
        self.parameters = parameters
        self.licence = licence
        self.file = file
        self.fileBytes = fileBytes
        self.fileSHA256 = fileSHA256
        self.packages = packages
    }

    /// Bytes to download.
    package var downloadBytes: Int64 { packages.reduce(0) { $0 + $1.wheelBytes } }
}
