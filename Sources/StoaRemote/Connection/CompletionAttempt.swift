internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import StoaCore

/// One request and its answer, watched for silence and slowness.
///
/// Isolation: none. Cancelling the task ends the request and closes its connection; the attempt returns only when both are
/// over.
struct CompletionAttempt: Sendable {
    let endpoint: RemoteEndpoint
    let connections: RemoteConnections
    let options: OpenAIModel.Options
    let time: any TimeSource
    let body: [UInt8]
    let key: String?
    /// How a block of code is fenced behind which the answer is cut; nil for none.
    let fence: FenceSyntax?
    let progress: @Sendable (ModelProgress) -> Void

    /// How long the end of an answer is waited for once all of it is here, so that its connection can be used again.
    private static let grace = Duration.seconds(1)
    /// The most bytes of an error's body that are read.
    private static let longestError = 64 << 10

    /// Does everything.
    ///
    /// - Returns: the answer, with the reason for which it ended.
    /// - Throws: `AttemptFailure` where another attempt may help; `RemoteError`; `CancellationError`.
    func run() async throws -> CompletionAssembly {
        let pulse = Pulse(at: time.now)
        do {
            return try await withThrowingTaskGroup(of: CompletionAssembly?.self) { group in
                let (complete, completed) = BoundedChannel<CompletionAssembly>.make(capacity: 1)
                group.addTask { try await exchange(pulse, complete) }
                group.addTask {
                    try await watch(pulse)
                    return nil
                }
                group.addTask {
                    for try await answer in completed {
                        try await time.sleep(for: Self.grace)
                        return answer
                    }
                    return nil
                }
                defer {
                    group.cancelAll()
                    // Only now: its end, or that of its last reference, would end the waiting child.
                    complete.finish()
                }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            }
        } catch {
            try Task.checkCancellation()
            guard let failure = error as? AttemptFailure else { throw error }
            // Text that was delivered cannot be taken back, and another attempt would deliver it again.
            let characters = pulse.characters
            throw characters == 0 ? failure : failure.interruption(endpoint, characters: characters)
        }
    }

    /// Ends the attempt when it is silent or slow.
    private func watch(_ pulse: Pulse) async throws {
        let start = time.now
        while true {
            let now = time.now
            let (silent, taken) = (now - pulse.last, now - start)
            if silent >= options.idleTimeout { throw AttemptFailure(reason: .silent(options.idleTimeout)) }
            if taken >= options.attemptTimeout { throw AttemptFailure(reason: .slow(options.attemptTimeout)) }
            try await time.sleep(for: min(options.idleTimeout - silent, options.attemptTimeout - taken))
        }
    }

    private func exchange(
        _ pulse: Pulse, _ complete: BoundedChannel<CompletionAssembly>.Producer
    ) async throws -> CompletionAssembly {
        let response = try await send()
        pulse.beat(at: time.now)
        guard response.status.code == 200 else { throw try await failure(response, pulse) }
        switch try Form(response.headers, streams: options.streams, endpoint) {
        case .events: return try await receiveEvents(response.body, pulse, complete)
        case .document: return try await receiveDocument(response.body, pulse)
        }
    }

    private func send() async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: endpoint.completions)
        request.method = .POST
        request.headers.add(name: "User-Agent", value: "stoa")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Accept", value: options.streams ? "text/event-stream" : "application/json")
        request.headers.add(name: "Accept-Encoding", value: "identity")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            return try await connections.http.execute(request, deadline: .distantFuture)
        } catch {
            try Task.checkCancellation()
            throw AttemptFailure(reason: .connection(RemoteConnections.reason(error)))
        }
    }
}

// MARK: - Answers

extension CompletionAttempt {
    /// How an answer is written.
    private enum Form {
        case events
        case document

        init(_ headers: HTTPHeaders, streams: Bool, _ endpoint: RemoteEndpoint) throws {
            let type = (headers.first(name: "Content-Type") ?? "").lowercased()
            if type.contains("event-stream") || (type.isEmpty && streams) {
                self = .events
            } else if type.contains("json") || type.isEmpty {
                // Some servers do not stream, whatever they are asked.
                self = .document
            } else {
                let found = PlainText.bounded(type, to: 80)
                throw RemoteError.badResponse(endpoint, "expected an event stream or a JSON document, found \(found)")
            }
        }
    }

    private func receiveEvents(
        _ body: HTTPClientResponse.Body, _ pulse: Pulse, _ complete: BoundedChannel<CompletionAssembly>.Producer
    ) async throws -> CompletionAssembly {
        var stream = CompletionStream(
            endpoint: endpoint, key: key, longest: options.maximumAnswerBytes, fence: fence)
        do {
            for try await buffer in body {
                pulse.beat(at: time.now)
                let wasDone = stream.isDone
                for text in try stream.consume(buffer.readableBytesView) { deliver(text, pulse) }
                // Leaving the body closes the connection, and the server stops generating.
                if stream.assembly.isFenced { break }
                if stream.isDone, !wasDone { _ = complete.trySend(stream.assembly) }
            }
            for text in try stream.finish() { deliver(text, pulse) }
        } catch let error as RemoteError {
            throw error
        } catch let failure as AttemptFailure {
            throw failure
        } catch {
            try Task.checkCancellation()
            // What comes after the end of the answer, or does not come, does not matter.
            guard stream.assembly.isFinished else {
                throw AttemptFailure(reason: .connection(RemoteConnections.reason(error)))
            }
        }
        try Task.checkCancellation()
        guard stream.assembly.isFinished else {
            throw AttemptFailure(reason: .connection("the stream ended before the answer was complete"))
        }
        return stream.assembly
    }

    private func receiveDocument(_ body: HTTPClientResponse.Body, _ pulse: Pulse) async throws -> CompletionAssembly {
        let bytes = try await collect(body, pulse, limit: options.maximumAnswerBytes)
        guard bytes.count <= options.maximumAnswerBytes else {
            throw CompletionStream.tooLong(endpoint, limit: options.maximumAnswerBytes)
        }
        var stream = CompletionStream(
            endpoint: endpoint, key: key, longest: options.maximumAnswerBytes, fence: fence)
        let text = try stream.accept(bytes, "the answer")
        guard stream.assembly.isFinished else { throw RemoteError.badResponse(endpoint, "the answer is not complete") }
        if !text.isEmpty { deliver(text, pulse) }
        return stream.assembly
    }

    private func deliver(_ text: String, _ pulse: Pulse) {
        pulse.deliver(text)
        progress(.text(text))
    }

    /// The bytes of a body, up to a few more than the limit.
    private func collect(_ body: HTTPClientResponse.Body, _ pulse: Pulse, limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await buffer in body {
                pulse.beat(at: time.now)
                bytes += buffer.readableBytesView
                if bytes.count > limit { break }
            }
        } catch {
            try Task.checkCancellation()
            throw AttemptFailure(reason: .connection(RemoteConnections.reason(error)))
        }
        try Task.checkCancellation()
        return bytes
    }
}

// MARK: - Refusals

extension CompletionAttempt {
    /// What an answer other than 200 means.
    private func failure(_ response: HTTPClientResponse, _ pulse: Pulse) async throws -> any Error {
        let status = Int(response.status.code)
        // A body that breaks off says less, and the status still says enough.
        let body = await body(of: response, pulse)
        try Task.checkCancellation()
        let said = PlainText.serverMessage(Array(body.prefix(Self.longestError)), without: key)
        let pause = RetryAfter.pause(response.headers, now: time.wallTime)
        switch status {
        case 401, 403: return RemoteError.accessDenied(endpoint, status: status, hasKey: key != nil)
        case 404: return RemoteError.notFound(endpoint, said: said)
        case 429 where Self.isFinal(body): return RemoteError.rateLimited(endpoint, said: said, attempts: 1)
        case 429: return AttemptFailure(reason: .refused(said: said), pause: pause)
        case 408, 425, 500...599: return AttemptFailure(reason: .server(status: status, said: said), pause: pause)
        case 400...499: return RemoteError.refused(endpoint, status: status, said: said)
        default:
            return RemoteError.badResponse(endpoint, "expected HTTP 200, found HTTP \(status), which is not followed")
        }
    }

    private func body(of response: HTTPClientResponse, _ pulse: Pulse) async -> [UInt8] {
        (try? await collect(response.body, pulse, limit: Self.longestError)) ?? []
    }

    /// Whether a refusal is one that waiting does not heal: no money left.
    private static func isFinal(_ body: [UInt8]) -> Bool {
        let error = (try? JSONParser.parse(body))?["error"]
        return [error?["code"], error?["type"]].contains { $0?.stringValue == "insufficient_quota" }
    }
}
