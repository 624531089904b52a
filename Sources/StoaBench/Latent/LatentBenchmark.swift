internal import OrderedCollections
public import StoaCore
public import StoaModel
public import StoaRuntime

/// What passing on hidden states saves over passing on words: `stoa bench latent`.
///
/// One engine answers the same questions by one playbook, `latent-chain`, once with three agents that think in latent space
/// and once with three that write, then a judge that writes in both. The prompts are those of the playbook in both arms, and
/// so is the prefix cache. In the first comparison every reply has its full length; in the second, under `free_running`,
/// replies end where the model ends them. The arms take turns, question by question, and so does who is first.
///
/// Each question is asked `repetitions` times, with another seed each time, so that no repetition finds the words of the one
/// before it in the cache. Latent steps are not traced. Loading is not timed.
///
/// `kv_bytes` is what all calls of a question together remember of their own prompts, steps and words; what a call has in
/// mind from others is counted where it was made.
public struct LatentBenchmark: Sendable {
    /// How the agents hand on what they think.
    public enum Channel: String, Sendable, Hashable, CaseIterable {
        /// Their hidden states.
        case latent
        /// Words.
        case text
    }

    /// Names the model in the document.
    public var model: String
    /// The weights.
    public var path: String
    /// How the model is run.
    public var options: LocalModel.Options
    /// The playbook, with the parameters of `latent-chain`.
    public var plan: Plan
    /// What is asked.
    public var questions = Array(LatentBenchmark.builtInQuestions.prefix(4))
    /// How often each question is asked in each arm.
    public var repetitions = 3
    /// Latent steps of each agent.
    public var latentSteps = 40
    /// Tokens of each agent that writes.
    public var textTokens = 256
    /// Tokens of the judge.
    public var answerTokens = 64
    /// The one arm that is measured, at fixed lengths; nil for both, at fixed lengths and free running.
    public var only: Channel?
    private let clock: any TimeSource

    /// Creates a benchmark.
    ///
    /// - Parameters:
    ///   - plan: the playbook.
    ///   - model: names the model.
    ///   - path: the weights.
    ///   - options: how the model is run.
    ///   - clock: what time is measured with.
    public init(plan: Plan, model: String, path: String, options: LocalModel.Options, clock: any TimeSource) {
        self.plan = plan
        self.model = model
        self.path = path
        self.options = options
        // Texts of a fixed length go on past their end and repeat themselves: guesses would make that nearly free.
        self.options.drafts = false
        self.clock = clock
    }

    /// Measures everything.
    ///
    /// - Parameter progress: told what is being measured.
    /// - Returns: the benchmark document of the command-line contract.
    /// - Throws: what loading or running throws, or `CancellationError`.
    public func run(progress: @Sendable (String) -> Void) async throws -> JSONValue {
        progress("loading")
        let local = try await LocalModel.load(path, options: options)
        let engine = EngineModel(local, name: model, time: clock)
        try await engine.prepare()
        let row = try await local.prefill([.token(TokenID(1000))])
        let rowBytes = row.byteCount / max(1, row.count)
        var document: JSONValue.Members = [
            "machine": MachineDescription(threads: options.threads).document, "model": .string(model),
            "precision": .string(options.precision.rawValue), "playbook": .string(plan.name),
            "repetitions": .integer(Int64(repetitions)), "questions": .integer(Int64(questions.count)),
            "latent_steps_per_agent": .integer(Int64(latentSteps)),
            "text_tokens_per_agent": .integer(Int64(textTokens)), "answer_tokens": .integer(Int64(answerTokens)),
        ]
        let fixed = try await arms(FixedLengthModel(model: engine), "fixed lengths", progress)
        document.merge(LatentArm.documents(fixed, rowBytes: rowBytes)) { $1 }
        if only == nil {
            let free = try await arms(engine, "free running", progress)
            document["free_running"] = .object(LatentArm.documents(free, rowBytes: rowBytes))
        }
        document["peak_rss_mb"] = .number(MachineDescription.peakResidentMB)
        return .object(document)
    }

    /// The arms on all questions.
    private func arms(
        _ model: any LatentModel, _ name: String, _ progress: @Sendable (String) -> Void
    ) async throws -> [Channel: LatentArm] {
        let channels = only.map { [$0] } ?? Channel.allCases
        // Warms up: buffers are allocated, and the prompts of the roles are in the prefix cache.
        for channel in channels {
            progress("\(name), warming up")
            _ = try await ask("What is 2 + 3?", channel, model, seed: 0, isShort: true)
        }
        var arms: [Channel: LatentArm] = [:]
        for repetition in 1...repetitions {
            for (index, question) in questions.enumerated() {
                for channel in (index + repetition).isMultiple(of: 2) ? channels.reversed() : channels {
                    try Task.checkCancellation()
                    progress("\(name), round \(repetition), question \(index + 1), \(channel.rawValue)")
                    let sample = try await ask(question, channel, model, seed: UInt64(repetition))
                    arms[channel, default: LatentArm()].add(sample)
                }
            }
        }
        return arms
    }

    /// Asks one question and says what it cost.
    private func ask(
        _ question: String, _ channel: Channel, _ model: any LatentModel, seed: UInt64, isShort: Bool = false
    ) async throws -> LatentArm.Sample {
        func count(_ number: Int) -> JSONValue { .integer(Int64(isShort ? min(number, 4) : number)) }
        let parameters = try plan.checkParameters([
            "question": .string(question), "channel": .string(channel.rawValue), "latent_steps": count(latentSteps),
            "text_tokens": count(textTokens), "answer_tokens": count(answerTokens), "trace": false,
        ])
        let models = Dictionary(uniqueKeysWithValues: plan.models.keys.map { ($0, model as any LanguageModel) })
        let driver = RunDriver(
            RunSetup(
                journal: InMemoryJournal(), models: models, tools: NoTools(), verifiers: [:], clock: clock,
                identifiers: CountingIdentifiers(),
                process: ProcessIdentity(process: 1, startTicks: 1, boot: "bench")))
        let start = clock.now
        let outcome = try await driver.run(plan, parameters: parameters, seed: seed)
        let seconds = (clock.now - start) / .seconds(1)
        if let failure = outcome.failure { throw failure }
        guard outcome.status == .completed else {
            throw LatentBenchmarkError(
                message: "playbook \(plan.name), channel \(channel.rawValue): expected a completed run, found "
                    + "\(outcome.status.rawValue)\(outcome.limit.map { " at \($0.limit) of \($0.scope)" } ?? "")")
        }
        return LatentArm.Sample(seconds: seconds, usage: outcome.spending.usage)
    }
}

/// A run of the benchmark that did not come to its end.
public struct LatentBenchmarkError: StoaError, Hashable {
    /// What happened.
    public let message: String
    /// What to do.
    public var hint: String? { "raise the playbook's budget, or ask for fewer tokens" }
    /// Always a failure.
    public var kind: FailureKind { .failure }
}
