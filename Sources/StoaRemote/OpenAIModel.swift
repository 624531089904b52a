public import StoaCore

/// A model behind any server that speaks OpenAI's chat completions: OpenAI, vLLM, llama.cpp, Ollama and others.
///
///     let endpoint = try RemoteEndpoint(reference: "openai:qwen3@http://127.0.0.1:8080/v1", environment: environment)
///     let model = OpenAIModel(
///         endpoint: endpoint, key: APIKey { environment }, connections: connections,
///         jitter: RandomStream(seed: 7), time: SystemTimeSource())
///
/// **Retries.** A connection that fails, silence, slowness, HTTP 408, 425, 429 and 5xx are tried again as `RetrySchedule`
/// says, and `ModelProgress.waiting` is reported before each pause. Nothing is tried again once text of the answer was
/// delivered to `progress`, since it would be delivered twice: such a call ends with `RemoteError.Code.interrupted`. An
/// answer that was under way but had delivered nothing (reasoning, tool calls) is tried again.
///
/// **Concurrency.** Calls wait for a place in the order in which they came; how many places there are is what
/// `AdaptiveConcurrency` makes of the server's answers.
///
/// **Determinism.** The body is a pure function of the request, its seed included; what a server makes of it is not
/// ours: calls of remote models are never computed again, their recorded replies are used.
///
/// **Tokens.** OpenAI's interface has no token ids. With `asksForTokens` (by default for servers on this machine) they are
/// asked for by vLLM's `return_token_ids` and taken from llama.cpp's log-probabilities, which llama.cpp does not stream
/// along with tools. Without them a reply has no tokens, and its log-probabilities, if asked for, have `unknownToken` for an id.
///
/// **Turns and blocks of code.** Servers have no turns that are under way: the model's words so far are sent as messages of
/// its own, and what was put in between as the user's. Behind a block of code that is to end the reply, the answer is cut to
/// the byte and its connection is closed; tokens that arrived with the cut piece are reported, and the usage is what was
/// received, a piece of text being a token where the server had not told more.
///
/// **Sampling.** Log-probabilities are asked for where the request wants them. A server applies its own defaults to
/// extensions that the request leaves unset (llama.cpp: top-k 40, min-p 0.05).
///
/// Isolation: none; any number of tasks may call. Cancelling one closes its connection and no other.
public struct OpenAIModel: LanguageModel {
    /// How long to wait, how often to try, and what to ask for.
    public struct Options: Sendable, Hashable {
        /// The longest time without a byte, the wait for the first one included.
        public var idleTimeout = Duration.seconds(180)
        /// The longest time of one attempt.
        public var attemptTimeout = Duration.seconds(900)
        /// When to try again.
        public var retries = RetrySchedule()
        /// The most calls at a time.
        public var maximumConcurrency = 16
        /// Whether answers are streamed.
        public var streams = true
        /// Whether to ask for token ids by extensions that a strict server refuses; nil for servers on this machine only.
        public var asksForTokens: Bool?
        /// The most bytes of one answer.
        public var maximumAnswerBytes = 64 << 20

        /// Creates the usual options.
        public init() {}
    }

    /// The id of a token whose id the server does not tell.
    public static let unknownToken = TokenID(-1)

    /// Whom it talks to.
    public let endpoint: RemoteEndpoint
    /// How it talks.
    public let options: Options

    private let key: APIKey
    private let connections: RemoteConnections
    private let jitter: RandomStream
    private let time: any TimeSource
    private let gate: RequestGate

    /// Creates a model; nothing is sent until it is called.
    ///
    /// - Parameters:
    ///   - endpoint: the model's name and the server's address.
    ///   - key: where the key comes from, read anew for every call.
    ///   - connections: what to talk over; outlives the model's calls and is shut down by whoever made it.
    ///   - options: how long to wait, how often to try, and what to ask for.
    ///   - jitter: spreads the pauses between attempts; each request draws from a stream of its own below it.
    ///   - time: what to measure and wait with.
    public init(
        endpoint: RemoteEndpoint, key: APIKey, connections: RemoteConnections, options: Options = Options(),
        jitter: RandomStream, time: any TimeSource
    ) {
        self.endpoint = endpoint
        self.key = key
        self.connections = connections
        self.options = options
        self.jitter = jitter
        self.time = time
        gate = RequestGate(maximum: options.maximumConcurrency, time: time)
    }

    /// A remote model by its reference; the fingerprint is `openai:`, the address and the name.
    public var identity: ModelIdentity {
        ModelIdentity(name: endpoint.reference, provider: .remote, fingerprint: endpoint.fingerprint)
    }

    /// The most calls at a time; the server's answers may lower what is really under way.
    public var concurrency: Int { options.maximumConcurrency }

    /// Answers a conversation.
    ///
    /// - Parameters:
    ///   - request: the conversation, and how to answer; without latents.
    ///   - progress: is told of text, and of pauses between attempts; must not wait.
    /// - Returns: the whole reply.
    /// - Throws: `RemoteError`; `SamplingError` for parameters out of range; `CancellationError`.
    public func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        guard request.context.isEmpty else { throw RemoteError.latentContext(endpoint.subject) }
        try request.sampling.validate()
        let start = time.now
        let secret = try key.value(for: endpoint)
        let body = CompletionBody(
            request: request, model: endpoint.model, streams: options.streams,
            asksForTokens: options.asksForTokens ?? endpoint.address.isLoopback)
        let attempt = CompletionAttempt(
            endpoint: endpoint, connections: connections, options: options, time: time,
            body: Array(body.document.text.utf8), key: secret, fence: request.fence, progress: progress)
        let answer = try await persist(attempt, draws: jitter.child(request.seed.description))
        do {
            return try answer.reply(to: request, duration: time.now - start)
        } catch {
            throw CompletionStream(endpoint: endpoint, key: secret, longest: 1).error(error, "the answer")
        }
    }

    /// Attempts until one succeeds, the schedule gives up, or a failure is final.
    private func persist(_ attempt: CompletionAttempt, draws: RandomStream) async throws -> CompletionAssembly {
        var failures = 0
        while true {
            let failure: AttemptFailure
            switch try await admitted(attempt) {
            case .success(let answer): return answer
            case .failure(let reason): failure = reason
            }
            failures += 1
            let draw = draws.uniform(at: UInt64(failures))
            switch options.retries.decide(failures: failures, requested: failure.pause, draw: draw) {
            case .exhausted: throw failure.error(endpoint, attempts: failures)
            case .tooLong(let asked):
                throw RemoteError.pauseTooLong(endpoint, asked: asked, limit: options.retries.longestRequestedPause)
            case .retry(let pause):
                attempt.progress(.waiting(pause, reason: failure.summary))
                try await time.sleep(for: pause)
            }
        }
    }

    /// One attempt, with a place among the calls that the server can take; the place is free during pauses.
    private func admitted(_ attempt: CompletionAttempt) async throws -> Result<CompletionAssembly, AttemptFailure> {
        try await gate.enter()
        var outcome = RequestGate.Outcome.unknown
        defer { gate.leave(outcome) }
        do {
            attempt.progress(.prefilling)
            let answer = try await attempt.run()
            outcome = .success
            return .success(answer)
        } catch let failure as AttemptFailure {
            outcome = failure.outcome
            return .failure(failure)
        }
    }
}
