internal import GRDB
internal import StoaCore

extension DatabaseValue {
    /// A blob of bytes.
    ///
    /// - Parameter bytes: the content.
    /// - Returns: the value.
    static func blob(_ bytes: [UInt8]) -> DatabaseValue {
        // The library's type for bytes is one of Foundation's, which this module does without: it is inferred.
        func converted<Target: RangeReplaceableCollection<UInt8>>() -> Target { Target(bytes) }
        guard case .blob(let content) = Storage.blob(converted()) else { return .null }
        return content.databaseValue
    }

    /// A blob of a digest's bytes.
    ///
    /// - Parameter digest: the content.
    /// - Returns: the value.
    static func blob(_ digest: SHA256Digest) -> DatabaseValue { blob(digest.bytes) }
}
