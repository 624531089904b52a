internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// A YAML file that is one mapping from names to plain values, such as a file of settings.
package struct FlatYAML: Sendable {
    /// An entry of the mapping.
    package struct Entry: Sendable {
        /// Its name.
        package var name: String
        /// Its value as text: that of a text, or the JSON of another value.
        package var text: String
        /// Where its name is.
        package var position: SourcePosition
    }

    /// The entries, in the order of the file.
    package private(set) var entries: [Entry] = []

    /// Reads a file; an empty one has no entries.
    ///
    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - file: the name that positions have.
    ///   - structured: the names whose values may be lists or mappings.
    /// - Throws: `PlaybookProblem`s, all of them, where it is no such file.
    package init(_ bytes: [UInt8], file: String, structured: Set<String> = []) throws(Problems) {
        let isEmpty = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).allSatisfy { line in
            line.allSatisfy(\.isWhitespace) || line.drop { $0.isWhitespace }.hasPrefix("#")
        }
        guard !isEmpty else { return }
        let yaml = YAMLFile(bytes, file: file)
        guard yaml.problems.isEmpty else { throw Problems(list: yaml.problems) }
        let start = SourcePosition(file: file, line: 1, column: 1)
        guard let members = yaml.value?.objectValue else {
            throw Problems(list: [PlaybookProblem(position: start, message: "expected lines of 'name: value'")])
        }
        var problems: [PlaybookProblem] = []
        for (name, value) in members {
            let position = yaml.map[PlanPath()[name]]?.key ?? start
            switch value {
            case .string(let text): entries.append(Entry(name: name, text: text, position: position))
            case .bool, .integer, .number:
                entries.append(Entry(name: name, text: value.text, position: position))
            case .null: break
            case .array, .object:
                guard structured.contains(name) else {
                    problems.append(
                        PlaybookProblem(position: position, message: "'\(name)': expected a single value"))
                    continue
                }
                entries.append(Entry(name: name, text: value.text, position: position))
            }
        }
        guard problems.isEmpty else { throw Problems(list: problems) }
    }

    /// Everything that is wrong with a file.
    package struct Problems: Error {
        /// At least one, in the order of the file.
        package let list: [PlaybookProblem]
    }
}
