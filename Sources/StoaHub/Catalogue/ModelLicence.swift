/// The terms under which a model's weights are given, which are not those of this program.
package struct ModelLicence: Sendable, Hashable {
    /// The licence's name.
    package let name: String
    /// The SPDX identifier; `LicenseRef-…` for terms that have none.
    package let spdx: String
    /// The file beside the weights that holds the text.
    package let file: String
}
