public import StoaCore

/// A constraint that cannot be kept, found before anything is decoded.
public struct ConstraintError: StoaError, Hashable {
    /// What failed, where, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?
    /// Always a matter of what was asked for.
    public var kind: FailureKind { .usage }

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    /// Something in a schema that a grammar cannot say.
    static func schema(_ path: JSONPath, _ message: String, hint: String? = nil) -> ConstraintError {
        ConstraintError(
            "\(path.text(from: "schema")): \(message)",
            hint: hint ?? "leave it out of the schema that constrains, and check the reply afterwards")
    }

    /// Something in a regular expression.
    static func regex(_ text: String, at place: Int, _ message: String) -> ConstraintError {
        ConstraintError("regex \(JSONValue.string(text).text), character \(place + 1): \(message)")
    }

    static let tooLarge = ConstraintError(
        "constraint: the grammar needs more than \(GrammarLimits.nodes) places",
        hint: "use smaller bounds, fewer members or fewer choices")

    static let impossible = ConstraintError(
        "constraint: no text that this model can spell keeps to it",
        hint: "look for bounds that exclude each other, and for definitions that contain themselves without end")

    static func doesNotFit(needed: Int, available: Int) -> ConstraintError {
        ConstraintError(
            "constraint: the shortest text takes up to \(needed) tokens, there is room for \(available)",
            hint: "raise --max-tokens, or shorten the schema's names and bounds")
    }
}

/// The bounds of grammars.
enum GrammarLimits {
    /// The most places of a grammar.
    static let nodes = 200_000
    /// How deep definitions may contain themselves in a text.
    static let recursion = 24
    /// The most ways of reading a text that are followed at a time.
    static let readings = 4096
}
