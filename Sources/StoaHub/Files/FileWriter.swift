internal import Glibc
package import StoaCore

/// A file being written from front to back, hashed on the way.
package final class FileWriter {
    /// What happens to bytes that are in the file already.
    package enum Start {
        case replace
        /// Goes on after them; they are read once, for the hash.
        case append
    }

    /// The file.
    package let path: String
    /// Bytes in the file so far.
    package private(set) var count: Int64 = 0
    private var hasher = SHA256Hasher()
    private var descriptor: Int32

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: the file; made if missing.
    ///   - start: what happens to what it holds.
    /// - Throws: `HubError` when it cannot be opened.
    package init(path: String, _ start: Start) throws(HubError) {
        self.path = path
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (start == .replace ? O_TRUNC : O_APPEND)
        descriptor = open(path, flags, 0o644)
        guard descriptor >= 0 else { throw .system("open", path, errno: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Opens a file to go on with it, with the hash of what it holds.
    static func resuming(_ path: String) throws -> FileWriter {
        let writer = try FileWriter(path: path, .append)
        try FileReader.read(path) { piece in
            writer.hasher.update(piece)
            writer.count += Int64(piece.count)
        }
        return writer
    }

    /// The hash of the bytes so far.
    package var digest: SHA256Digest { hasher.finalize() }

    /// Appends bytes.
    ///
    /// - Parameter bytes: what to append; all of it is written.
    /// - Throws: `HubError`; a full disk has its own code.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw .system("write", path, errno: errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
        hasher.update(bytes)
        count += Int64(bytes.count)
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws(HubError) {
        let failure = bytes.withUnsafeBytes { buffer -> HubError? in
            do throws(HubError) {
                try write(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Waits until the bytes are on the disk and closes the file: only then may it be moved into place.
    package func finish() throws(HubError) {
        let result = fsync(descriptor)
        let number = errno
        close(descriptor)
        descriptor = -1
        // Pipes and devices have nothing to wait for.
        guard result == 0 || number == EINVAL || number == EROFS else { throw .system("write", path, errno: number) }
    }
}
