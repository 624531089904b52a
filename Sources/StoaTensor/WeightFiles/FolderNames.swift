internal import Glibc

/// What is in a folder.
package enum FolderNames {
    /// The names in a folder, itself and the one above left out; none where it cannot be read.
    ///
    /// - Parameter folder: the folder.
    /// - Returns: the names, in no order.
    package static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
