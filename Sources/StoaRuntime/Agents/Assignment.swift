internal import StoaCore

/// A piece of work for an agent: what to do, and the messages it takes, never their content.
struct Assignment: Sendable {
    /// What an agent can be asked to do.
    enum Task: Sendable {
        /// Answer in words.
        case say(prompt: PlanText?, maximumTokens: Int, sampling: SamplingParameters, stop: [String])
        /// Think without words.
        case think(prompt: PlanText?, steps: Int)
        /// Have a tool run.
        case call(tool: PlanTool, arguments: PlanValue)
        /// Judge a text.
        case verify(verifier: String, text: PlanText, reference: PlanText?, question: PlanText?)
    }

    /// The work's name; the turn is counted by the agent.
    var key: EffectKey
    var task: Task
    /// The names it may need; the agent reads those that its texts really use.
    var scope: Scope
    /// The latents that come before the conversation, by the names of their steps.
    var latents: [(name: String, binding: Binding)] = []
    /// How long each effect may take.
    var timeout: Duration?
    /// Limits of time, to be looked at when an effect begins.
    var timeLimits: [TimeLimit] = []
    /// Whether the tokens to decode or the steps to take were cut by a budget.
    var isCut = false
    /// The last event before the work in its branch.
    var after: EventKey?
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
