/// A state that tool calls share: variables of an interpreter, for one.
public struct ToolSession: Sendable, Hashable {
    /// The run that it belongs to.
    public var run: RunID
    /// Its name in the run: the step that keeps it, or the tool that the whole run shares.
    public var name: String

    /// Names a session.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - name: its name in the run.
    public init(run: RunID, name: String) {
        self.run = run
        self.name = name
    }
}

/// Whose state a tool call works on, and whose chance it draws on.
public struct ToolContext: Sendable, Hashable {
    /// The state that it works on; nil for one of its own, gone when the call ends.
    public var session: ToolSession?
    /// What was called in the session before, oldest first.
    ///
    /// An executor that does not have the session, because another process had it, rebuilds it by carrying these out
    /// again, and says in the result's `restoration` whether they came to the same.
    public var history: [ToolExchange]
    /// Whose randomness is drawn on: that of the session, where there is one.
    public var seed: SeedPath

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - session: the state that the call works on.
    ///   - history: what was called in it before.
    ///   - seed: whose randomness is drawn on.
    public init(session: ToolSession? = nil, history: [ToolExchange] = [], seed: SeedPath = SeedPath(seed: 0)) {
        self.session = session
        self.history = history
        self.seed = seed
    }
}

/// A call and what came of it.
public struct ToolExchange: Sendable, Hashable {
    /// The call.
    public var call: ToolCall
    /// What came of it.
    public var result: ToolResult

    /// Creates an exchange.
    ///
    /// - Parameters:
    ///   - call: the call.
    ///   - result: what came of it.
    public init(call: ToolCall, result: ToolResult) {
        self.call = call
        self.result = result
    }
}

/// How a lost session was rebuilt: no effect of the run's, but a fact about it.
public struct ToolRestoration: Sendable, Hashable {
    /// How many calls were carried out again.
    public var calls: Int
    /// Which of them, counted from 0, came to something else than they had before.
    public var differing: [Int]

    /// Creates an account.
    ///
    /// - Parameters:
    ///   - calls: how many calls were carried out again.
    ///   - differing: which of them came to something else.
    public init(calls: Int, differing: [Int] = []) {
        self.calls = calls
        self.differing = differing
    }

    /// `{calls, differing}`.
    public var document: JSONValue {
        ["calls": .integer(Int64(calls)), "differing": .array(differing.map { .integer(Int64($0)) })]
    }
}
