public import StoaCore

/// Everything that a run takes from outside.
public struct RunSetup: Sendable {
    /// Where runs are kept.
    public var journal: any Journal
    /// The models by the plan's names.
    public var models: [String: any LanguageModel]
    /// What trains adapters of them, by the plan's names for the models; those that cannot be trained are left out.
    public var trainers: [String: any PolicyTrainer]
    /// What carries out tool calls.
    public var tools: any ToolExecutor
    /// The verifiers by name.
    public var verifiers: [String: any Verifier]
    /// Who answers questions and approves calls; nil where nobody is there, so that the run stops and waits.
    public var person: (any Person)?
    /// The clock.
    public var clock: any TimeSource
    /// Where names come from.
    public var identifiers: any IdentifierSource
    /// This process.
    public var process: ProcessIdentity
    /// Who watches.
    public var observer: any RunObserver

    /// Creates a setup.
    public init(
        journal: any Journal, models: [String: any LanguageModel], tools: any ToolExecutor,
        verifiers: [String: any Verifier], person: (any Person)? = nil, clock: any TimeSource,
        identifiers: any IdentifierSource, process: ProcessIdentity, observer: any RunObserver = NoObserver(),
        trainers: [String: any PolicyTrainer] = [:]
    ) {
        self.trainers = trainers
        self.journal = journal
        self.models = models
        self.tools = tools
        self.verifiers = verifiers
        self.person = person
        self.clock = clock
        self.identifiers = identifiers
        self.process = process
        self.observer = observer
    }
}

/// Someone who can be asked.
public protocol Person: Sendable {
    /// Puts a question.
    ///
    /// - Parameters:
    ///   - question: the question.
    ///   - choices: the answers to choose from; empty for any text.
    /// - Returns: the answer; nil where the person does not want to say now, which stops the run until it is resumed.
    /// - Throws: `CancellationError`.
    func answer(_ question: String, choices: [String]) async throws -> String?
}
