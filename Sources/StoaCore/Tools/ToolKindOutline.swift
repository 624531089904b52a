/// What can be said of the tools of one kind in a file.
public struct ToolKindOutline: Sendable, Hashable {
    /// The kind's name.
    public var name: String
    /// The names that its tools may have; nil for any.
    public var toolNames: [String]?
    /// Whether its tools have code of their own, in a `main.py`.
    public var hasSource: Bool
    /// The sets of packages that they may name.
    public var packageSets: [String]
    /// The JSON Schema of `options`; nil where there are none.
    public var options: JSONSchema?

    /// Describes a kind.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - toolNames: the names that its tools may have.
    ///   - hasSource: whether its tools have code of their own.
    ///   - packageSets: the sets of packages that they may name.
    ///   - options: the JSON Schema of `options`.
    public init(
        name: String, toolNames: [String]? = nil, hasSource: Bool = false, packageSets: [String] = [],
        options: JSONSchema? = nil
    ) {
        self.name = name
        self.toolNames = toolNames
        self.hasSource = hasSource
        self.packageSets = packageSets
        self.options = options
    }
}
