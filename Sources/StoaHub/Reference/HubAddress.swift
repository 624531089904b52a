/// A file, or a whole model folder, in a repository of the hub: `hf:owner/repo[@revision][/file]`.
package struct HubAddress: Sendable, Hashable, CustomStringConvertible {
    /// The user or organisation.
    package let owner: String
    /// The repository.
    package let repository: String
    /// The branch, tag or commit.
    package let revision: String
    /// The path inside the repository; nil for the whole model folder.
    package let file: String?

    static let prefix = "hf:"
    static let form = "hf:owner/repo, hf:owner/repo/file or hf:owner/repo@revision/file"

    /// The address as it is typed.
    package var description: String {
        let revision = revision == "main" ? "" : "@\(revision)"
        return "\(Self.prefix)\(owner)/\(repository)\(revision)" + (file.map { "/\($0)" } ?? "")
    }

    /// Reads an address.
    ///
    /// Every part is checked, because the parts become folder names: none may be `..`, hidden or hold anything but
    /// letters, digits, `.`, `_` and `-`.
    ///
    /// - Parameter text: the address, with its prefix.
    /// - Throws: `HubError` of kind usage.
    package init(_ text: String) throws(HubError) {
        let parts = text.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false).map(
            String.init)
        guard text.hasPrefix(Self.prefix), parts.count >= 2 else { throw .invalidReference(text, expected: Self.form) }
        let named = parts[1].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        owner = parts[0]
        repository = named[0]
        revision = named.count == 2 ? named[1] : "main"
        let path = parts.dropFirst(2)
        file = path.isEmpty ? nil : path.joined(separator: "/")
        for part in [owner, repository, revision] + path where !Self.isSafe(part) {
            throw .invalidReference(text, expected: Self.form)
        }
    }

    /// Whether a name of a repository or a file may become a name on this disk.
    static func isSafe(_ part: String) -> Bool {
        guard let first = part.utf8.first, first != UInt8(ascii: "."), part.utf8.count <= 200 else { return false }
        return part.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
