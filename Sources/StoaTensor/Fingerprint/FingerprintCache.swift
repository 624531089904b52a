internal import Glibc
package import StoaCore

/// SHA-256 digests of weight files, remembered by path, size, time and inode, so that a warm load need not hash.
///
/// An entry is a small JSON file named after the hash of the path. An entry that is missing, damaged or about another
/// state of the file is ignored and written anew; a folder that cannot be written only costs the hashing. Safe with
/// several processes: entries are replaced in one step.
package struct FingerprintCache: Sendable {
    private let folder: String?

    /// Creates a cache.
    ///
    /// - Parameter folder: where entries stand, made when the first one is written; nil to remember nothing.
    package init(folder: String?) { self.folder = folder }

    /// The digest of a file's bytes, from the cache where the file is still what it was.
    ///
    /// Reads the whole file where there is no entry: about a second for each two gigabytes that are in memory.
    ///
    /// - Parameters:
    ///   - file: the file, mapped; its identity is that of the bytes that are hashed.
    ///   - progress: told the bytes hashed so far; not called on a hit.
    /// - Returns: the SHA-256 of the bytes.
    /// - Throws: `CancellationError` between pieces.
    package func digest(of file: MappedFile, progress: (Int) -> Void = { _ in }) throws -> SHA256Digest {
        if let known = lookUp(file) { return known }
        var hasher = SHA256Hasher()
        var start = 0
        while start < file.count {
            try Task.checkCancellation()
            let end = min(start + Self.pieceBytes, file.count)
            file.bytes(in: start..<end).withUnsafeBytes { hasher.update($0) }
            // Whoever needs the bytes next finds them in the system's cache; here they would count as resident.
            file.advise(.dontNeed, range: start..<end)
            progress(end)
            start = end
        }
        let digest = hasher.finalize()
        record(digest, of: file)
        return digest
    }

    /// The digest that is on record for this very state of the file; nil where there is none.
    ///
    /// - Parameter file: the file.
    /// - Returns: the digest, without a look at the bytes.
    package func lookUp(_ file: MappedFile) -> SHA256Digest? {
        guard let folder, let entry = try? MappedFile(path: entryPath(file, in: folder)), entry.count < 1 << 16,
            let document = try? JSONParser.parse(entry.bytes(in: 0..<entry.count).array),
            document["file"] == Self.description(of: file)
        else { return nil }
        return document["sha256"]?.stringValue.flatMap(SHA256Digest.init(hexadecimal:))
    }

    /// Remembers a digest that is known from elsewhere, such as a download that was verified.
    ///
    /// - Parameters:
    ///   - digest: the SHA-256 of the file's bytes.
    ///   - file: the file.
    package func record(_ digest: SHA256Digest, of file: MappedFile) {
        guard let folder else { return }
        let document: JSONValue = ["file": Self.description(of: file), "sha256": .string(digest.description)]
        FileWriting.makeFolder(folder)
        // Not to remember is no failure: the next load hashes again.
        try? FileWriting.write(to: entryPath(file, in: folder), [Array((document.text + "\n").utf8)])
    }

    private static let pieceBytes = 8 << 20

    private func entryPath(_ file: MappedFile, in folder: String) -> String {
        "\(folder)/\(SHA256Digest(hashing: Self.absolute(file.path).utf8)).json"
    }

    /// What an entry is about.
    private static func description(of file: MappedFile) -> JSONValue {
        [
            "path": .string(absolute(file.path)),
            "size": .integer(Int64(file.identity.size)),
            "modified_seconds": .integer(Int64(file.identity.modifiedSeconds)),
            "modified_nanoseconds": .integer(Int64(file.identity.modifiedNanoseconds)),
            "device": .integer(Int64(bitPattern: file.identity.device)),
            "inode": .integer(Int64(bitPattern: file.identity.inode)),
        ]
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}
