import StoaCore
import StoaRemote
import Testing

/// A model that talks to a scripted server, with the time in the test's hand.
struct ModelUnderTest: Sendable {
    /// What a call came to.
    struct Outcome: Sendable {
        var reply: ModelReply?
        var error: (any Error)?
        var events: [ModelProgress] = []

        var remoteError: RemoteError? { error as? RemoteError }

        /// The text that was delivered.
        var text: String {
            events.reduce(into: "") { text, event in if case .text(let piece) = event { text += piece } }
        }

        /// The pauses that were reported.
        var pauses: [Duration] {
            events.compactMap { event in if case .waiting(let pause, _) = event { pause } else { nil } }
        }
    }

    let server: ScriptedServer
    let connections: RemoteConnections
    let model: OpenAIModel
    let time: ManualTimeSource

    static let request = ModelRequest(
        messages: [ChatMessage(.user, "Say hello.")], sampling: .greedy, maximumTokens: 64,
        seed: SeedPath(seed: 7).child("solver").child(1))

    /// Runs `body` with a model and the server that answers it.
    static func run<Result>(
        key: String? = nil, _ change: (inout OpenAIModel.Options) -> Void = { _ in },
        answering answer: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply,
        _ body: (ModelUnderTest) async throws -> Result
    ) async throws -> Result {
        var options = OpenAIModel.Options()
        options.asksForTokens = false
        change(&options)
        return try await ScriptedServer.run(answer) { server in
            try await RemoteConnections.with { connections in
                let endpoint = try RemoteEndpoint(reference: "openai:test@\(server.address)/v1", environment: [:])
                let time = ManualTimeSource()
                let model = OpenAIModel(
                    endpoint: endpoint, key: APIKey { key.map { ["STOA_OPENAI_API_KEY": $0] } ?? [:] },
                    connections: connections, options: options, jitter: RandomStream(seed: 1), time: time)
                return try await body(
                    ModelUnderTest(server: server, connections: connections, model: model, time: time))
            }
        }
    }

    /// Calls the model once against one answer.
    static func answer(
        _ reply: ScriptedServer.Reply, to request: ModelRequest = request, key: String? = nil,
        _ change: (inout OpenAIModel.Options) -> Void = { _ in }
    ) async throws -> Outcome {
        try await run(key: key, change, answering: { _ in reply }, { try await $0.call(request) })
    }

    /// Calls the model, moving the time forward through every pause between attempts.
    ///
    /// - Parameters:
    ///   - request: what to ask.
    ///   - onText: is told when text was delivered.
    /// - Returns: what the call came to, errors included.
    /// - Throws: nothing that the call throws.
    func call(_ request: ModelRequest = request, onText: (@Sendable () -> Void)? = nil) async throws -> Outcome {
        let (producer, pauses) = BoundedChannel<Duration>.make(capacity: 64)
        let log = Record<ModelProgress>()
        var outcome = Outcome()
        do {
            outcome.reply = try await withThrowingTaskGroup(of: ModelReply?.self) { group in
                group.addTask {
                    defer { producer.finish() }
                    return try await model.complete(request) { event in
                        log.append(event)
                        if case .waiting(let pause, _) = event { _ = producer.trySend(pause) }
                        if case .text = event { onText?() }
                    }
                }
                group.addTask {
                    for try await pause in pauses {
                        await time.waitForSleepers()
                        time.advance(by: pause)
                    }
                    return nil
                }
                var reply: ModelReply?
                while let result = try await group.next() { reply = result ?? reply }
                return reply
            }
        } catch {
            outcome.error = error
        }
        outcome.events = log.elements
        return outcome
    }
}
