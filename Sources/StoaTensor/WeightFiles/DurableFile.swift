internal import Glibc

/// Files whose names are on the disk too: after a power failure a reader finds the old file or the complete new one.
package enum DurableFile {
    /// Makes the name of a file that was renamed into place durable.
    ///
    /// - Parameter path: the file.
    /// - Throws: `WeightFileError` where the system refuses.
    package static func finish(_ path: String) throws(WeightFileError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw WeightFileError(
                .unreadable, path: folder, subject: "folder", problem: "cannot be made durable: error \(errno)")
        }
    }
}
