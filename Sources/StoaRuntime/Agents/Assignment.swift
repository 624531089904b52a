internal import OrderedCollections
internal import StoaCore

/// A piece of work for an agent: what to do, and the messages it takes, never their content.
struct Assignment: Sendable {
    /// What an agent can be asked to do.
    enum Task: Sendable {
        /// Answer in words.
        case say(prompt: PlanText?, maximumTokens: Int, sampling: SamplingParameters, stop: [String])
        /// Think without words.
        case think(prompt: PlanText?, Thinking)
        /// Have a tool run.
        case call(tool: PlanTool, arguments: PlanValue, session: String?)
        /// Judge a text.
        case verify(verifier: String, text: PlanText, reference: PlanText?, question: PlanText?)
    }

    /// A method that is followed instead of asking once.
    struct MethodTask: Sendable {
        /// The method.
        var type: any Method.Type
        /// Its options, evaluated.
        var options: JSONValue.Members
        /// Those that are rendered by the agent.
        var texts: [(key: String, text: PlanText)]
        /// The playbook's tools.
        var tools: OrderedDictionary<String, PlanTool>
        /// What may be spent when it begins, since it asks more than once.
        var ledger: Ledger
    }

    /// What an exchange with a model begins with, and what is kept of it.
    struct Turn: Sendable {
        /// What comes before the conversation, by the names of steps.
        var after: [(name: String, binding: Binding)] = []
        /// What all latents among it continue.
        var base: (name: String, binding: Binding)?
        /// Which rows of the latents are kept.
        var recall = LatentRecall()
        /// Whether latents of other models are mapped to the model's space.
        var translates = false
        /// What a thought is passed on as; nil for what was never meant as one.
        var channel: ThinkVerb.Channel?
        /// Whether what the model remembers of its words is kept as a latent.
        var keepsLatent = false
        /// How a block of code is fenced whose end ends the words; nil where blocks are words like any other.
        var fence: FenceSyntax?
        /// What the words have to be; nil for any.
        var constraint: OutputConstraint?
        /// What may be spent when it begins, where it may be asked more than once; nil for once.
        var ledger: Ledger?

        /// The adapter that the model answers with; nil for the model as it is.
        var adapter: AdapterReference?
        /// Whether the value of the work names the model's call, so that its tokens can be learned from.
        var isSampled = false

        /// The messages that come before the conversation.
        var messages: [EventKey] { (after.map(\.binding) + [base?.binding].compactMap { $0 }).flatMap(\.messages) }
    }

    /// The work's name; the turn is counted by the agent.
    var key: EffectKey
    var task: Task
    /// The names it may need; the agent reads those that its texts really use.
    var scope: Scope
    /// What an exchange with a model begins with, and what is kept of it.
    var turn = Turn()
    /// The method that is followed to say something; nil for asking once.
    var method: MethodTask?
    /// How long each effect may take.
    var timeout: Duration?
    /// Limits of time, to be looked at when an effect begins.
    var timeLimits: [TimeLimit] = []
    /// Whether the tokens to decode or the steps to take were cut by a budget.
    var isCut = false
    /// The indices of the concurrent branches around the step.
    var branch: [Int] = []
    /// The last event before the work in its branch.
    var after: EventKey?

    /// Whether it is to think without words.
    var isThought: Bool {
        if case .think = task { true } else { false }
    }
}

/// What a piece of work came to.
struct WorkResult: Sendable {
    /// The message that was posted.
    var message: EventKey
    /// What it cost.
    var spending: Spending
}

/// A piece of work that failed: one effect's failure, or wrong input.
struct WorkFailure: Error, Sendable {
    var failure: EffectFailure
    /// Whether what failed may be done again: not a tool that may be called only once.
    var mayRepeat = true
}
