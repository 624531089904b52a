/// A list of byte strings in one block of memory, so that a vocabulary costs no object per token.
public struct PackedStrings: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [UInt32] = []
    /// Whether a string was left out, and stands as empty, because all together would pass 4 GiB.
    private(set) var isTooLarge = false

    /// Creates an empty list.
    public init() {}

    /// The number of strings.
    public var count: Int { ends.count }

    /// Makes room, so that appending does not reallocate.
    ///
    /// - Parameters:
    ///   - count: strings expected in all.
    ///   - byteCount: bytes expected in all.
    public mutating func reserveCapacity(count: Int, bytes byteCount: Int) {
        ends.reserveCapacity(count)
        bytes.reserveCapacity(byteCount)
    }

    /// Appends one string.
    ///
    /// - Parameter string: its bytes; they need not be valid UTF-8.
    public mutating func append(_ string: some Sequence<UInt8>) {
        bytes.append(contentsOf: string)
        close()
    }

    /// Appends one string from raw memory, such as a mapped file.
    ///
    /// - Parameter string: its bytes.
    public mutating func append(_ string: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: string)
        close()
    }

    /// Where string `index` lies in the block.
    func range(_ index: Int) -> Range<Int> {
        let start = index == 0 ? 0 : Int(ends[index - 1])
        return Range(uncheckedBounds: (start, Int(ends[index])))
    }

    /// The bytes of string `index`.
    ///
    /// - Parameter index: from 0, below `count`.
    /// - Returns: the bytes, without a copy.
    public subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

    private mutating func close() {
        if bytes.count > Int(UInt32.max) {
            isTooLarge = true
            bytes.removeSubrange(Int(ends.last ?? 0)...)
        }
        ends.append(UInt32(truncatingIfNeeded: bytes.count))
    }
}

extension PackedStrings {
    /// String `index` for a message: shortened, invalid UTF-8 repaired, control characters escaped.
    func quoted(_ index: Int) -> String { quote(self[index]) }
}

/// Bytes for a message: shortened, invalid UTF-8 repaired, control characters escaped.
func quote(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(60), as: UTF8.self).debugDescription
    return bytes.count > 60 ? text + "…" : text
}
