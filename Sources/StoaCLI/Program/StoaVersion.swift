/// The version of the program, in one place.
package enum StoaVersion {
    /// Semantic version; CHANGELOG.md says what is in it.
    package static let current = "0.1.0"
}
