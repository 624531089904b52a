internal import Glibc
internal import StoaCore
internal import StoaTensor

/// Latents on disk while memory is short: one file each, named by its content, in a folder that only this user may enter.
///
/// The folder is made with the first file and goes, with what is in it, when this object does. Files are not kept from
/// process to process: they belong to latents that somebody here holds, and what a killed process left is removed by the
/// next one that needs the place.
///
/// Isolation: one compute lane, but for the end.
final class LatentSpill: Sendable {
    private let parent: String
    private let state = Guarded<(folder: String?, files: Set<SHA256Digest>)>((nil, []))

    /// Describes a place; nothing is made yet.
    ///
    /// - Parameter parent: the folder below which the files' folder is made.
    init(below parent: String) { self.parent = parent }

    deinit {
        let (folder, files) = state.withLock { $0 }
        guard let folder else { return }
        for file in files { unlink(Self.path(file, in: folder)) }
        rmdir(folder)
    }

    /// Where files stand; nil before the first one.
    var folder: String? { state.withLock { $0.folder } }

    private static func path(_ digest: SHA256Digest, in folder: String) -> String { "\(folder)/\(digest).kv" }

    /// Writes a latent.
    ///
    /// - Parameters:
    ///   - bytes: its bytes.
    ///   - digest: what they hash to.
    /// - Returns: false where it can't be written, with nothing left behind.
    func write(_ bytes: [UInt8], digest: SHA256Digest) -> Bool {
        guard let folder = makeFolder() else { return false }
        let path = Self.path(digest, in: folder)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let isWritten = Self.writeAll(bytes, to: descriptor)
        guard close(descriptor) == 0, isWritten else {
            unlink(path)
            return false
        }
        state.withLock { _ = $0.files.insert(digest) }
        return true
    }

    /// Reads a latent.
    ///
    /// - Parameter digest: what its bytes hash to.
    /// - Returns: its bytes.
    /// - Throws: `ModelError` where they are not there or not what was written.
    func read(_ digest: SHA256Digest) throws -> [UInt8] {
        guard let folder else { throw ModelError.damagedSpill(digest, path: parent, problem: "it was never written") }
        let path = Self.path(digest, in: folder)
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ModelError.damagedSpill(digest, path: path, problem: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        guard let bytes = Self.readAll(descriptor) else {
            throw ModelError.damagedSpill(digest, path: path, problem: String(cString: strerror(errno)))
        }
        let found = SHA256Digest(hashing: bytes)
        guard found == digest else {
            throw ModelError.damagedSpill(
                digest, path: path, problem: "its \(bytes.count) bytes have the digest \(found)")
        }
        return bytes
    }

    /// Removes a latent's file.
    func remove(_ digest: SHA256Digest) {
        state.withLock { state in
            guard let folder = state.folder, state.files.remove(digest) != nil else { return }
            unlink(Self.path(digest, in: folder))
        }
    }

    private func makeFolder() -> String? {
        state.withLock { state in
            if let folder = state.folder { return folder }
            mkdir(parent, 0o700)
            Self.removeOrphans(in: parent)
            var template = Array("\(parent)/\(Self.prefix)\(getpid())-XXXXXX".utf8CString)
            guard let made = mkdtemp(&template) else { return nil }
            state.folder = String(cString: made)
            return state.folder
        }
    }

    /// What the names of all folders begin with; the process that made one follows.
    private static let prefix = "stoa-latents-"

    /// Removes the folders of processes that died before they could.
    private static func removeOrphans(in parent: String) {
        for folder in FolderNames.names(in: parent) where folder.hasPrefix(prefix) {
            let process = folder.dropFirst(prefix.count).prefix { $0 != "-" }
            guard let process = pid_t(process), kill(process, 0) != 0, errno == ESRCH else { continue }
            let path = "\(parent)/\(folder)"
            var status = stat()
            // A link is not followed: what is behind it is not ours.
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
            for file in FolderNames.names(in: path) where file.hasSuffix(".kv") { unlink("\(path)/\(file)") }
            rmdir(path)
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let written = Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return false }
                offset += written
            }
            return true
        }
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8]? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let size = Int(status.st_size)
        var isRead = true
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = 0
            while count < size {
                let found = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if found < 0, errno == EINTR { continue }
                if found < 0 { isRead = false }
                guard found > 0 else { return }
                count += found
            }
        }
        return isRead ? bytes : nil
    }
}
