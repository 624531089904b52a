internal import Glibc
internal import StoaCore
internal import StoaCore

/// The folder that a report is written to.
struct ReportFolder {
    private let path: String

    /// Makes the folder where there is none.
    ///
    /// - Throws: `CLIError` where it cannot be made.
    init(_ path: String) throws {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        try Self.make(self.path)
    }

    private static func make(_ path: String) throws {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw CLIError.invalidInput(path, "expected a folder for the report, found a file")
            }
            return
        }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try make(String(path[..<slash])) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure(path) }
    }

    /// Writes the report, in place of one that is there.
    ///
    /// - Parameter html: the page.
    /// - Returns: its path.
    /// - Throws: `CLIError` where it cannot be written.
    func write(_ html: String) throws -> String {
        let page = path + "/index.html"
        // A reader never sees half a page.
        let temporary = page + ".part"
        guard let file = fopen(temporary, "we") else { throw Self.failure(temporary) }
        let bytes = Array(html.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count, rename(temporary, page) == 0 else {
            throw Self.failure(page)
        }
        return page
    }

    private static func failure(_ path: String) -> CLIError {
        CLIError(
            code: .unwritable, kind: .failure,
            message: "\(path): cannot be written: \(String(cString: strerror(errno)))",
            hint: "give --report another folder")
    }
}
