internal import OrderedCollections
internal import StoaCore

/// By which fields problems can be sorted into kinds.
enum Strata {
    /// The most kinds that a table still shows something of.
    static let maximumKinds = 24
    /// The longest word for a kind, in characters.
    static let maximumLength = 48

    /// The fields of which each problem has a short value, and which are neither all the same nor all different.
    ///
    /// - Parameter problems: the problems.
    /// - Returns: the names, in the order of the first problem.
    static func fields(of problems: [Problem]) -> [String] {
        guard let first = problems.first else { return [] }
        return first.fields.keys.filter { name in
            var kinds: Set<String> = []
            for problem in problems {
                guard let value = value(of: problem, name) else { return false }
                kinds.insert(value)
                if kinds.count > maximumKinds { return false }
            }
            return kinds.count > 1 && kinds.count < problems.count
        }
    }

    /// A problem's value of a field; nil where it has none or a long one.
    static func value(of problem: Problem, _ field: String) -> String? {
        switch problem.fields[field] {
        case .string(let text)? where text.count <= maximumLength && !text.contains("\n"): text
        case .integer?, .number?, .bool?: problem.fields[field]?.text
        default: nil
        }
    }
}
