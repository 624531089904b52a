/// One thing that every implementation of a protocol must do.
public struct ConformanceCheck<Subject: Sendable>: Sendable, CustomStringConvertible {
    /// The thing, as a sentence.
    public let description: String
    private let body: @Sendable (Subject) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Runs the check.
    ///
    /// - Parameter subject: an implementation in the state that the suite asks for.
    /// - Throws: `ConformanceFailure`, and what the implementation throws where it should not.
    public func run(_ subject: Subject) async throws { try await body(subject) }
}

/// What an implementation did instead.
public struct ConformanceFailure: Error, CustomStringConvertible {
    /// Expected and found.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Compares what was found with what was expected.
    static func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
        guard found == expected else {
            throw ConformanceFailure("\(what): expected \(expected), found \(found)")
        }
    }
}
