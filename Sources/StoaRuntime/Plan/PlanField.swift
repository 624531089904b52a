/// A key that a mapping of a playbook may have: what reads it, what the schema says of it, what errors suggest.
public struct PlanField: Sendable, Hashable {
    /// What the value must be.
    public indirect enum Kind: Sendable, Hashable {
        /// A plain text.
        case string
        /// A text with expressions in `{{ }}`.
        case text
        /// A bare expression.
        case expression
        /// A name that expressions can read.
        case name
        /// A whole number in a range, or an expression that gives one.
        case count(ClosedRange<Int>)
        /// A whole number in a range.
        case integer(ClosedRange<Int>)
        /// A number in a range; where `isOpenBelow`, the lower bound itself is not allowed.
        case number(ClosedRange<Double>, isOpenBelow: Bool = false)
        /// `true` or `false`.
        case boolean
        /// `true` or `false`, or an expression that gives one.
        case flag
        /// A number in a range, or an expression that gives one.
        case amount(ClosedRange<Double>)
        /// One of some words, or a text with expressions that gives one.
        case word([String])
        /// One of some words, a text that gives one, or a mapping with these keys.
        case wordOrObject([String], [PlanField])
        /// One of some words.
        case choice([String])
        /// A length of time: `500ms`, `30s`, `2m`, or a number of seconds.
        case duration
        /// A list of texts, or one text.
        case strings
        /// A list of names of steps, or one name.
        case stepNames
        /// The name of a step.
        case stepName
        /// The name of an agent.
        case agent
        /// The name of a tool.
        case tool
        /// The name of a verifier.
        case verifier
        /// The name of a rule for `choose`.
        case rule
        /// An object whose strings may hold expressions.
        case arguments
        /// Any JSON value.
        case any
        /// A mapping from texts to some words.
        case table([String])
        /// A JSON Schema, or any other mapping.
        case mapping
        /// A list of steps.
        case steps
        /// A list of branches, each a step or a list of steps.
        case branches
        /// A mapping with these keys.
        case object([PlanField])
        /// A mapping from names to mappings with these keys; `shorthand` names the key that a bare text stands for.
        case entries([PlanField], shorthand: String? = nil)
    }

    /// The key.
    public var key: String
    /// What the value must be.
    public var kind: Kind
    /// Whether the key must be there.
    public var isRequired: Bool
    /// What the value is for.
    public var summary: String

    /// Describes a key.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - kind: what the value must be.
    ///   - isRequired: whether the key must be there.
    ///   - summary: what the value is for.
    public init(_ key: String, _ kind: Kind, isRequired: Bool = false, _ summary: String) {
        self.key = key
        self.kind = kind
        self.isRequired = isRequired
        self.summary = summary
    }
}
