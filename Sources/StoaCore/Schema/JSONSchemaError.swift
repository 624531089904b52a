/// A schema that cannot be accepted, with every place that is wrong.
public struct JSONSchemaError: StoaError, Hashable {
    /// Something that is wrong with a schema.
    public struct Problem: Sendable, Hashable {
        /// Where it is in the schema.
        public let path: JSONPath
        /// What is wrong.
        public let message: String
    }

    /// What is wrong, at least one thing, in the order of the schema.
    public let problems: [Problem]

    /// Always bad input.
    public var kind: FailureKind { .badInput }
    /// The problems with their places.
    public var message: String {
        problems.map { "\($0.path.text(from: "schema")): \($0.message)" }.joined(separator: "\n")
    }
    /// Nothing beyond the message.
    public var hint: String? { nil }
}

/// Where a value is not what its schema says.
public struct JSONSchemaProblem: Sendable, Hashable, CustomStringConvertible {
    /// The name of the whole value.
    public let root: String
    /// Where the problem is.
    public let path: JSONPath
    /// What was expected there.
    public let expected: String
    /// What was found there.
    public let found: String

    /// `path: expected X, found Y`.
    public var description: String { "\(path.text(from: root)): expected \(expected), found \(found)" }
}
