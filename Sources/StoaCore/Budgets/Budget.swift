/// What may be spent, by a run, an agent or a block of steps; nil is no limit.
///
/// Reaching a limit is a value, not an error: work ends in an orderly way and what there is still counts.
public struct Budget: Sendable, Hashable {
    /// Prompt tokens.
    public var prefillTokens: Int?
    /// Latent steps.
    public var latentSteps: Int?
    /// Generated tokens.
    public var decodedTokens: Int?
    /// All tokens and steps together.
    public var tokens: Int?
    /// Time from the beginning.
    public var wallTime: Duration?
    /// Time in which models and tools worked, branches added up.
    public var workingTime: Duration?
    /// Calls of models.
    public var turns: Int?
    /// Calls of tools.
    public var toolCalls: Int?
    /// Money, in the unit of the models' prices.
    public var money: Double?

    /// Creates a budget without limits.
    public init() {}

    /// Whether nothing is limited.
    public var isUnlimited: Bool { self == Budget() }
}

/// What has been spent.
public struct Spending: Sendable, Hashable {
    /// Tokens and steps.
    public var usage = Usage()
    /// Time in which models and tools worked.
    public var workingTime = Duration.zero
    /// Calls of models.
    public var turns = 0
    /// Calls of tools.
    public var toolCalls = 0
    /// Money.
    public var money = 0.0

    /// Nothing.
    public init() {}

    /// Adds what another part spent.
    public static func += (first: inout Spending, second: Spending) {
        first.usage += second.usage
        first.workingTime += second.workingTime
        first.turns += second.turns
        first.toolCalls += second.toolCalls
        first.money += second.money
    }
}

/// A limit that was reached.
public struct LimitReached: Sendable, Hashable {
    /// What ran out: the key of the budget in playbooks, such as `decoded_tokens`.
    public var limit: String
    /// What it was.
    public var allowed: Double
    /// What had been spent.
    public var spent: Double
    /// Whose budget it was: `run`, `agent NAME` or `step ID`.
    public var scope: String

    /// Creates a limit that was reached.
    public init(limit: String, allowed: Double, spent: Double, scope: String) {
        self.limit = limit
        self.allowed = allowed
        self.spent = spent
        self.scope = scope
    }

    /// `{limit, allowed, spent, scope}`.
    public var document: JSONValue {
        [
            "limit": .string(limit), "allowed": .number(allowed), "spent": .number(spent), "scope": .string(scope),
        ]
    }
}
