/// Text of one JSON document per line.
package enum JSONLines {
    /// The lines that hold something, with their numbers from 1; a byte order mark is no part of the first.
    ///
    /// - Parameter bytes: the whole text.
    /// - Returns: the lines, in order.
    package static func lines(of bytes: [UInt8]) -> [(number: Int, bytes: ArraySlice<UInt8>)] {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        return text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            line.contains { $0 > 0x20 } ? (index + 1, line) : nil
        }
    }
}
