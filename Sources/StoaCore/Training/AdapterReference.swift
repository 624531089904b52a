/// Which adapter a model answers with, or is trained from: the address of its content.
///
/// Whoever holds the reference holds no numbers; these are in an `AdapterStore`, under the same address.
public struct AdapterReference: Sendable, Hashable, CustomStringConvertible {
    /// The digest of rank, scale, targets and every number: equal adapters have equal digests, on every machine.
    public let digest: SHA256Digest

    /// Creates a reference.
    ///
    /// - Parameter digest: the digest of the adapter's content.
    public init(_ digest: SHA256Digest) { self.digest = digest }

    /// Reads 64 hexadecimal digits; nil for anything else.
    public init?(_ text: String) {
        guard let digest = SHA256Digest(hexadecimal: text) else { return nil }
        self.digest = digest
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public var description: String { digest.description }
}
