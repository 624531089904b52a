public import StoaCore

/// The names that a playbook can use without defining them: what the program around it has to offer.
public struct PlanEnvironment: Sendable, Hashable {
    /// The verifiers.
    public var verifiers: [String]
    /// The rules by which `choose` decides.
    public var choiceRules: [String]
    /// The tools that need nothing but the program.
    public var builtinTools: [String]
    /// The kinds of tools besides `builtin`.
    public var toolKinds: [ToolKindOutline]
    /// The methods that steps can follow.
    public var methods: MethodRegistry

    /// Creates an environment.
    ///
    /// - Parameters:
    ///   - verifiers: the verifiers.
    ///   - choiceRules: the rules by which `choose` decides.
    ///   - builtinTools: the tools that need nothing but the program.
    ///   - toolKinds: the kinds of tools besides `builtin`.
    ///   - methods: the methods that steps can follow.
    public init(
        verifiers: [String], choiceRules: [String], builtinTools: [String], toolKinds: [ToolKindOutline] = [],
        methods: MethodRegistry = MethodRegistry()
    ) {
        self.verifiers = verifiers
        self.choiceRules = choiceRules
        self.builtinTools = builtinTools
        self.toolKinds = toolKinds
        self.methods = methods
    }

    /// Every kind of tools.
    public var allToolKinds: [ToolKindOutline] {
        [ToolKindOutline(name: "builtin", toolNames: builtinTools)] + toolKinds
    }
}
