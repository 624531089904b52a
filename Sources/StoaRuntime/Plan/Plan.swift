public import OrderedCollections
public import StoaCore

/// A playbook, resolved and checked: what a run carries out.
///
/// It is made of the resolved document alone, so a journal that keeps the document can replay the run without any file.
public struct Plan: Sendable {
    /// What becomes of latents once the process that made them is gone.
    public enum LatentKeeping: String, Sendable, Hashable, CaseIterable {
        /// They are made again from what their makers were asked.
        case recompute
        /// Their bytes are in the journal.
        case store
    }

    /// The playbook with every `use:` replaced by what it named; what the journal keeps.
    public var document: JSONValue
    /// The playbook's name.
    public var name: String
    /// What it does, in a sentence or two.
    public var summary: String
    /// What it is given.
    public var parameters: [PlanParameter]
    /// The models by the names that agents use; `default` is always there.
    public var models: OrderedDictionary<String, PlanModel>
    /// The agents by name.
    public var agents: OrderedDictionary<String, PlanAgent>
    /// The tools by name.
    public var tools: OrderedDictionary<String, PlanTool>
    /// What the whole run may spend.
    public var budget: Budget
    /// What becomes of latents once the process that made them is gone.
    public var latents: LatentKeeping
    /// What is done, in order.
    public var steps: [PlanStep]
    /// The run's answer, rendered at the end.
    public var output: PlanText
}

/// A parameter of a playbook.
public struct PlanParameter: Sendable, Hashable {
    /// The type of a parameter's values.
    public enum ValueType: String, Sendable, Hashable, CaseIterable {
        case string, integer, number, boolean, array, object
        /// A list of mappings, which files may hold.
        case records
    }

    /// Its name: what `-P name=value` and templates use.
    public var name: String
    /// The type of its values.
    public var type: ValueType
    /// What it is for.
    public var summary: String
    /// The value where none is given; nil where one must be given.
    public var fallback: JSONValue?
    /// The values it may have; empty for any.
    public var choices: [JSONValue]
    /// The least number; nil for no bound.
    public var minimum: Double?
    /// The greatest number; nil for no bound.
    public var maximum: Double?
}

/// A model of a playbook.
public struct PlanModel: Sendable, Hashable {
    /// What to load or connect to: a model's name, a path, `hf:owner/repo/file` or `openai:NAME`.
    public var use: String
    /// `exact` or `fast`; nil for the default.
    public var precision: String?
    /// The price of a million prompt tokens; 0 for none.
    public var inputPrice: Double
    /// The price of a million generated tokens; 0 for none.
    public var outputPrice: Double
}

/// What an agent is for; each has an actor of its own.
public enum AgentRole: String, Sendable, Hashable, CaseIterable {
    /// Works on the problem.
    case solver
    /// Judges, explains and asks.
    case teacher
    /// Makes new problems.
    case generator
    /// Decides whether an answer is right.
    case verifier
    /// Has tools run.
    case toolExecutor = "tool_executor"
}

/// An agent of a playbook.
public struct PlanAgent: Sendable {
    /// What an agent keeps from one piece of work to the next.
    public enum Memory: String, Sendable, Hashable, CaseIterable {
        /// Nothing.
        case none
        /// What it was asked and what it said.
        case conversation
    }

    /// Its name.
    public var name: String
    /// What it is for.
    public var role: AgentRole
    /// The name of its model among the plan's models.
    public var model: String
    /// The adapter that its model answers with, where a step does not say; nil for the model as it is.
    public var adapter: PlanText?
    /// Its instructions; nil for none.
    public var system: PlanText?
    /// What it is asked where a step does not say; nil where every step must.
    public var prompt: PlanText?
    /// How its tokens are chosen.
    public var sampling: SamplingParameters
    /// The most tokens of one reply.
    public var maximumTokens: Int
    /// Strings that end its replies.
    public var stop: [String]
    /// The parameters and steps whose messages it may be granted; nil for all.
    public var reads: [String]?
    /// What it keeps.
    public var memory: Memory
    /// How often it is started again after a failure at one piece of work.
    public var restarts: Int
    /// How long one piece of work may take; nil for no limit.
    public var timeout: Duration?
    /// What it may spend in all its work.
    public var budget: Budget
}

/// A tool of a playbook.
public struct PlanTool: Sendable, Hashable {
    /// Who decides whether a call is made.
    public enum Approval: String, Sendable, Hashable, CaseIterable {
        /// Nobody: it is made.
        case auto
        /// A person.
        case ask
        /// Nobody: it is refused.
        case deny
    }

    /// What it is, its code included: no file is read for it any more.
    public var specification: ToolSpecification
    /// Who decides whether a call is made: the strictest of what the tool and the playbook say.
    public var approval: Approval
    /// How long a call may take; nil for no limit.
    public var timeout: Duration?

    /// Its name.
    public var name: String { specification.name }
    /// What runs it.
    public var kind: String { specification.kind }
    /// What it does.
    public var summary: String { specification.summary }
    /// The JSON Schema of its arguments.
    public var parameters: JSONValue { specification.parameters }
    /// Whether an interrupted call may be repeated.
    public var isIdempotent: Bool {
        get { specification.isIdempotent }
        set { specification.isIdempotent = newValue }
    }
    /// Whether calls of one run share a state, unless a step says otherwise.
    public var sharesRunState: Bool {
        get { specification.sharesRunState }
        set { specification.sharesRunState = newValue }
    }
    /// What models are told of it.
    public var definition: ToolDefinition { specification.definition }
}

/// A step of a plan.
public struct PlanStep: Sendable {
    /// Its name, unique in the plan.
    public var id: String
    /// Whether it is done at all; nil for always.
    public var condition: PlanExpression?
    /// What it and the steps in it may spend.
    public var budget: Budget
    /// What it does.
    public var verb: any StepVerb

    /// Creates a step.
    public init(id: String, condition: PlanExpression? = nil, budget: Budget = Budget(), verb: any StepVerb) {
        self.id = id
        self.condition = condition
        self.budget = budget
        self.verb = verb
    }
}

/// A text with expressions in `{{ }}`, parsed.
public struct PlanText: Sendable {
    /// The text as it was written.
    public var source: String
    /// The parsed text.
    public var template: Template
    /// The names it reads that it does not define itself, each once, in order of appearance.
    public var names: [String]
}

/// A bare expression, parsed.
public struct PlanExpression: Sendable {
    /// The expression as it was written.
    public var source: String
    /// The parsed expression.
    public var expression: TemplateExpression
    /// The names it reads, each once, in order of appearance.
    public var names: [String]
}

/// A number that is either written down or computed.
public enum PlanCount: Sendable {
    /// Written down.
    case literal(Int)
    /// Computed when it is needed.
    case expression(PlanExpression)
}

/// A JSON document whose strings may hold expressions.
///
/// A string that is one `{{ expression }}` and nothing else keeps the expression's type.
public indirect enum PlanValue: Sendable {
    /// As it stands.
    case constant(JSONValue)
    /// A text to render.
    case text(PlanText)
    /// An expression to evaluate.
    case expression(PlanExpression)
    /// A list.
    case list([PlanValue])
    /// An object.
    case object(OrderedDictionary<String, PlanValue>)
}
