private import CStoaPlatform

/// A SHA-256 digest: the identity of content wherever content is addressed.
public struct SHA256Digest: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Hashes the bytes.
    public init(hashing bytes: some Sequence<UInt8>) {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        self = hasher.finalize()
    }

    fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

    /// The digest of nothing yet: 32 zeros, before the first link of a chain.
    public static let zero = SHA256Digest(bytes: Array(repeating: 0, count: 32))

    /// Takes 32 bytes for a digest; nil for any other number of them.
    public init?(rawBytes: [UInt8]) {
        guard rawBytes.count == 32 else { return nil }
        bytes = rawBytes
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    public init?(hexadecimal text: String) {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        bytes = (0..<32).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        var text = ""
        for byte in bytes {
            text.unicodeScalars.append(digits[Int(byte >> 4)])
            text.unicodeScalars.append(digits[Int(byte & 15)])
        }
        return text
    }
}

/// An incremental SHA-256.
public struct SHA256Hasher: Sendable {
    private var state = stp_sha256()

    /// Starts an empty hash.
    public init() { stp_sha256_init(&state) }

    /// Absorbs bytes.
    ///
    /// - Parameter bytes: what to hash next.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { stp_sha256_update(&state, $0.baseAddress, $0.count) }
        if done == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// Absorbs raw memory.
    ///
    /// - Parameter bytes: what to hash next.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        stp_sha256_update(&state, bytes.baseAddress, bytes.count)
    }

    /// The digest of all that was absorbed.
    ///
    /// - Returns: the digest; the hasher itself is left as it was.
    public func finalize() -> SHA256Digest {
        var copy = state
        let bytes = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            if let base = buffer.baseAddress { stp_sha256_final(&copy, base) }
            count = 32
        }
        return SHA256Digest(bytes: bytes)
    }
}
