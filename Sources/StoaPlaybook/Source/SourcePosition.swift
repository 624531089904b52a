/// A place in a file.
public struct SourcePosition: Sendable, Hashable, CustomStringConvertible {
    /// The file's path.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column in Unicode scalars, from 1.
    public var column: Int

    /// Creates a position.
    ///
    /// - Parameters:
    ///   - file: the file's path.
    ///   - line: the line, from 1.
    ///   - column: the column in Unicode scalars, from 1.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`.
    public var description: String { "\(file):\(line):\(column)" }
}
