internal import OrderedCollections

extension JSONValue {
    /// The value as it comes back when its canonical text is read: members in canonical order, whole numbers as integers,
    /// and null for numbers that JSON cannot say.
    ///
    /// What is kept and later read back must be used in this form from the beginning, or the first reading differs from
    /// the later ones.
    public var canonical: JSONValue {
        switch self {
        case .null, .bool, .integer, .string: return self
        case .number(let value):
            guard value.isFinite else { return .null }
            return Int64(ECMAScriptNumber.text(of: value)).map { .integer($0) } ?? self
        case .array(let elements): return .array(elements.map(\.canonical))
        case .object(let members):
            var sorted: Members = [:]
            for key in members.keys.sorted(by: { $0.utf16.lexicographicallyPrecedes($1.utf16) }) {
                sorted[key] = members[key]?.canonical
            }
            return .object(sorted)
        }
    }
}
