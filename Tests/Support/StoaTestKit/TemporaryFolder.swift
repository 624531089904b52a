internal import Foundation

/// A folder that is removed with its content.
package final class TemporaryFolder: Sendable {
    /// Where it is.
    package let path: String

    /// Makes an empty folder.
    package init() throws {
        // Memory where there is some: tests that write thousands of files should not wait for a disk.
        let shared = "/dev/shm"
        let parent = access(shared, W_OK) == 0 ? shared : FileManager.default.temporaryDirectory.path
        var template = Array("\(parent)/stoa-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and gives its path.
    package func write(_ name: String, _ bytes: some Collection<UInt8>) throws -> String {
        let path = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Writes a text file and gives its path.
    package func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}
