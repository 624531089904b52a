internal import Glibc
internal import StoaCore

/// Reads files from front to back in pieces.
enum FileReader {
    /// The size of a piece.
    static let pieceBytes = 1 << 20

    /// Hands every piece of a file to `body`; the buffer is valid only inside.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - body: called with each piece in order.
    /// - Throws: `HubError` when the file cannot be read, and `CancellationError` between pieces.
    static func read(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HubError.system("open", path, errno: errno) }
        defer { close(descriptor) }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 64)
        defer { piece.deallocate() }
        while true {
            try Task.checkCancellation()
            let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw HubError.system("read", path, errno: errno)
            }
            try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
    }

    /// The SHA-256 of a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - progress: told the bytes hashed so far, after each piece.
    /// - Returns: the digest.
    /// - Throws: `HubError` when the file cannot be read, and `CancellationError` between pieces.
    static func digest(_ path: String, progress: (Int64) -> Void = { _ in }) throws -> SHA256Digest {
        var hasher = SHA256Hasher()
        var count: Int64 = 0
        try read(path) { piece in
            hasher.update(piece)
            count += Int64(piece.count)
            progress(count)
        }
        return hasher.finalize()
    }
}
