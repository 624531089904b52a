internal import Glibc

let fullDisk = ENOSPC

/// The few operations on files that the store needs, with precise errors.
enum Files {
    static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The size in bytes of a regular file; nil where there is none.
    static func size(_ path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// The path made absolute against the working folder; not resolved further.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws(HubError) {
        if isFolder(path) { return }
        let above = parent(path)
        if above != path, above != "." { try makeFolder(above) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST, isFolder(path) else {
            throw .system("make the folder", path, errno: errno == 0 ? ENOTDIR : errno)
        }
    }

    /// The names in a folder, sorted; none where there is no folder.
    static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file, a link or a whole folder; nothing happens where there is none.
    static func remove(_ path: String) throws(HubError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in names(path) { try remove("\(path)/\(name)") }
            guard rmdir(path) == 0 || errno == ENOENT else { throw .system("remove", path, errno: errno) }
        } else {
            guard unlink(path) == 0 || errno == ENOENT else { throw .system("remove", path, errno: errno) }
        }
    }

    /// Puts a finished file in its place in one step: readers see the old file or the new one, never half of one.
    static func move(_ source: String, to destination: String) throws(HubError) {
        guard rename(source, destination) == 0 else { throw .system("move \(source) to", destination, errno: errno) }
    }

    /// The bytes of all regular files in a folder.
    static func totalSize(_ path: String) -> Int64 {
        names(path).reduce(0) { sum, name in
            let child = "\(path)/\(name)"
            return sum + (isFolder(child) ? totalSize(child) : size(child) ?? 0)
        }
    }

    /// Bytes that this user may still write on the disk that holds the folder; nil where it cannot be told.
    static func freeBytes(_ path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// A small text file; nil where it is missing, larger than the limit or not UTF-8.
    static func text(_ path: String, limit: Int = 1 << 20) -> String? {
        guard let size = size(path), size <= limit else { return nil }
        var bytes: [UInt8] = []
        guard (try? FileReader.read(path, { bytes.append(contentsOf: $0) })) != nil else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Writes a small text file in one step.
    static func write(_ text: String, to path: String) throws(HubError) {
        let temporary = "\(path).\(getpid()).new"
        let writer = try FileWriter(path: temporary, .replace)
        try writer.write(Array(text.utf8))
        try writer.finish()
        try move(temporary, to: path)
    }
}
