internal import StoaCore

extension JSONScanner<WeightFileError> {
    /// Reads a header or an index; errors name the file and the byte.
    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, path: String, subject: String) {
        self.init(bytes, at: position) { error in
            WeightFileError(
                .malformed, path: path, subject: subject, problem: "\(error.reason) at byte \(error.offset)")
        }
    }

    /// Consumes a string; none of these is longer than 64 KiB.
    mutating func headerString() throws(WeightFileError) -> String { try string(atMost: 1 << 16) }
}
