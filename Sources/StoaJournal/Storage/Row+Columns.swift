internal import GRDB
internal import StoaCore

// What a column holds, where a damaged file may hold anything: the library's own conversions end the process.
extension Row {
    /// A text; nil for null.
    func optionalText(_ column: Int) throws -> String? {
        switch (self[column] as DatabaseValue).storage {
        case .null: return nil
        case .string(let text): return text
        default: throw malformation(column, expected: "a text")
        }
    }

    /// A number; nil for null.
    func optionalInteger(_ column: Int) throws -> Int? {
        switch (self[column] as DatabaseValue).storage {
        case .null: return nil
        case .int64(let number): return Int(number)
        default: throw malformation(column, expected: "a number")
        }
    }

    /// A text.
    func text(_ column: Int) throws -> String {
        guard let text = try optionalText(column) else { throw malformation(column, expected: "a text") }
        return text
    }

    /// A number.
    func integer(_ column: Int) throws -> Int {
        guard let number = try optionalInteger(column) else { throw malformation(column, expected: "a number") }
        return number
    }

    /// Bytes.
    func bytes(_ column: Int) throws -> [UInt8] {
        guard case .blob(let content) = (self[column] as DatabaseValue).storage else {
            throw malformation(column, expected: "bytes")
        }
        return Array(content)
    }

    /// A digest.
    func digest(_ column: Int) throws -> SHA256Digest {
        guard let digest = SHA256Digest(rawBytes: try bytes(column)) else {
            throw malformation(column, expected: "a digest of 32 bytes")
        }
        return digest
    }

    private func malformation(_ column: Int, expected: String) -> JournalError {
        let name = Array(columnNames)[column]
        return .damaged("column \(name) of the journal", "it does not hold \(expected)")
    }
}
