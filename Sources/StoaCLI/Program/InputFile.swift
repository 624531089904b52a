internal import Glibc
internal import StoaCore

/// Files that commands read whole.
enum InputFile {
    /// The longest accepted file.
    static let maximumBytes = 256 << 20

    /// The bytes of a file; `-` is standard input.
    ///
    /// - Parameter path: the file.
    /// - Returns: its bytes.
    /// - Throws: `CLIError` where it cannot be read or is too long.
    static func read(_ path: String) throws -> [UInt8] {
        let file = path == "-" ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "re")
        guard let file else { throw CLIError.invalidInput(path, String(cString: strerror(errno))) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= maximumBytes else {
                throw CLIError.invalidInput(path, "longer than \(maximumBytes >> 20) MiB")
            }
            if count == 0 { break }
        }
        guard ferror(file) == 0 else { throw CLIError.invalidInput(path, String(cString: strerror(errno))) }
        return bytes
    }

    /// Parses a file's bytes as JSON, its path named in errors.
    static func json(_ bytes: [UInt8], path: String) throws -> JSONValue {
        do {
            return try JSONParser.parse(bytes)
        } catch {
            throw CLIError.invalidInput(path, error.message)
        }
    }

    /// Reads a JSON file.
    static func json(_ path: String) throws -> JSONValue { try json(read(path), path: path) }
}
