public import OrderedCollections

/// What JSON values must be like: the part of JSON Schema (2020-12) that tools need, read into a typed tree.
///
/// It knows `type`, `properties`, `required`, `additionalProperties`, `items`, `prefixItems`, `enum`, `const`, `minimum`,
/// `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`, `minLength`, `maxLength`, `minItems`, `maxItems`,
/// `uniqueItems`, `anyOf`, `oneOf`, `allOf`, `not`, and `$ref` to a name in `$defs`. `title`, `description`, `default`,
/// `examples`, `$comment` and, at the top, `$schema` say nothing about values. A schema with any other key is refused: what
/// cannot be checked must not look as if it were.
///
///     let schema = try JSONSchema(["type": "object", "properties": ["n": ["type": "integer", "minimum": 1]]])
///     schema.problems(of: ["n": 0], named: "arguments")   // arguments.n: expected at least 1, found 0
///
/// Differs from JSON Schema: `multipleOf` takes numbers as they are written in decimal digits, so that 0.3 is a multiple of 0.1.
/// Complexity: reading and checking are bounded by `JSONSchemaLimits`, whatever the schema and the value.
public struct JSONSchema: Sendable, Hashable {
    /// What one value must be like.
    public indirect enum Node: Sendable, Hashable {
        /// Every value: `true`, or a schema without a rule.
        case anything
        /// No value: `false`.
        case nothing
        /// Values that keep to all of some rules.
        case rules(Rules)
    }

    /// The types of JSON values.
    public enum ValueType: String, Sendable, Hashable, CaseIterable {
        case object, array, string, number, integer, boolean, null
    }

    /// What the whole value must be like.
    public let root: Node
    /// What `$ref` names; following references never comes back to the same value without end.
    public let definitions: OrderedDictionary<String, Node>

    /// Every value.
    public static let everything = JSONSchema(root: .anything, definitions: [:])

    package init(root: Node, definitions: OrderedDictionary<String, Node>) {
        self.root = root
        self.definitions = definitions
    }

    /// The rules for one value; those for other types than the value's say nothing about it.
    public struct Rules: Sendable, Hashable {
        /// The types it may have; nil for any.
        public var types: OrderedSet<ValueType>?
        /// The name in `definitions` that it must be like too.
        public var reference: String?
        /// The values it may be: of `enum`; nil for any.
        public var choices: [JSONValue]?
        /// The value it must be: of `const`; nil for any.
        public var constant: JSONValue?
        /// What numbers must be like.
        public var number = NumberRules()
        /// What texts must be like.
        public var string = StringRules()
        /// What lists must be like.
        public var array = ArrayRules()
        /// What objects must be like.
        public var object = ObjectRules()
        /// It must be like at least one of these; nil for no such rule.
        public var anyOf: [Node]?
        /// It must be like exactly one of these; nil for no such rule.
        public var oneOf: [Node]?
        /// It must be like all of these.
        public var allOf: [Node] = []
        /// It must not be like this.
        public var not: Node?

        /// No rules.
        public init() {}
    }

    /// What numbers must be like.
    public struct NumberRules: Sendable, Hashable {
        /// The least.
        public var minimum: JSONNumber?
        /// The greatest.
        public var maximum: JSONNumber?
        /// What it must be above.
        public var exclusiveMinimum: JSONNumber?
        /// What it must be below.
        public var exclusiveMaximum: JSONNumber?
        /// What it must be a multiple of.
        public var multipleOf: JSONNumber?

        /// No rules.
        public init() {}
    }

    /// What texts must be like.
    public struct StringRules: Sendable, Hashable {
        /// The least number of Unicode scalars.
        public var minLength: Int?
        /// The greatest number of Unicode scalars.
        public var maxLength: Int?

        /// No rules.
        public init() {}
    }

    /// What lists must be like.
    public struct ArrayRules: Sendable, Hashable {
        /// What the first elements must be like, one after the other; a list may be shorter.
        public var prefix: [Node] = []
        /// What the other elements must be like; nil for anything.
        public var items: Node?
        /// The least number of elements.
        public var minItems: Int?
        /// The greatest number of elements.
        public var maxItems: Int?
        /// Whether no two elements may be equal.
        public var isUnique = false

        /// No rules.
        public init() {}
    }

    /// What objects must be like.
    public struct ObjectRules: Sendable, Hashable {
        /// What members must be like, by name.
        public var properties: OrderedDictionary<String, Node> = [:]
        /// The members that must be there.
        public var required: OrderedSet<String> = []
        /// What members of other names must be like; nil for anything.
        public var additional: Node?

        /// No rules.
        public init() {}
    }
}

/// The bounds of schemas and of the work of checking.
public enum JSONSchemaLimits {
    /// The deepest nesting of schemas.
    public static let nesting = 64
    /// The most schemas in one.
    public static let nodes = 4096
    /// The deepest nesting of values and of the rules for one value, both together.
    public static let depth = 400
    /// The most comparisons of a value with a schema in one check.
    public static let steps = 1_000_000
    /// The most problems that are reported.
    public static let problems = 20
}
