public import StoaRuntime

/// A person whose answers come from a function.
public struct ScriptedPerson: Person {
    /// What the person says; nil for nothing now.
    public let script: @Sendable (String) -> String?

    /// Creates a person.
    ///
    /// - Parameter script: what the person says.
    public init(_ script: @escaping @Sendable (String) -> String?) { self.script = script }

    /// Answers as the script says.
    public func answer(_ question: String, choices: [String]) async throws -> String? { script(question) }
}
