internal import OrderedCollections
public import StoaCore
public import StoaRuntime

/// Reads the values of parameters of type `records` from files.
///
/// A run keeps the records themselves, so a file is read once, before the run begins.
public struct RecordFiles: Sendable {
    private let workingDirectory: String

    /// Creates a reader.
    ///
    /// - Parameter workingDirectory: what relative paths are relative to.
    public init(workingDirectory: String) { self.workingDirectory = workingDirectory }

    /// The records that a text stands for.
    ///
    /// - Parameter text: a path of a `.jsonl`, `.json`, `.yaml` or `.yml` file or of a folder of these, or the records
    ///   themselves as a JSON list.
    /// - Returns: a list of objects.
    /// - Throws: `PlaybookError` with every problem and its file, line and column.
    public func value(of text: String) throws(PlaybookError) -> JSONValue {
        if text.first(where: { !$0.isWhitespace }) == "[" { return try written(text) }
        let path = text.hasPrefix("/") ? text : TextFile.join(workingDirectory, text)
        let reading = RecordReading(of: path)
        if let failure = reading.failure {
            throw PlaybookError(
                code: .unreadable, message: "the records \(text) cannot be read: \(failure)",
                hint: "name a \(RecordReading.endings.joined(separator: ", ")) file or a folder of such files")
        }
        guard reading.problems.isEmpty else { throw .invalidRecords(text, reading.problems) }
        return .array(reading.records)
    }

    private func written(_ text: String) throws(PlaybookError) -> JSONValue {
        do throws(JSONError) {
            return try JSONParser.parse(text)
        } catch {
            throw PlaybookError(
                code: .unreadable, message: "the records are not valid JSON: \(error.message)",
                hint: "write JSON, [{…}, …], or the path of a file")
        }
    }
}

extension PlanParameter {
    /// Reads a value as the command line gives it, from a file where it is a list of records.
    ///
    /// - Parameters:
    ///   - text: the text after `name=`.
    ///   - files: reads records.
    /// - Returns: the value; its bounds are not checked.
    /// - Throws: `ParameterError` for a text that is no value of the type; `PlaybookError` for records that cannot be read.
    public func parse(_ text: String, readingRecordsFrom files: RecordFiles) throws -> JSONValue {
        type == .records ? try files.value(of: text) : try parse(text)
    }
}
