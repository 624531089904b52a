import NIOHTTP1
import OrderedCollections
import StoaCore
@testable import StoaRemote
import StoaTestKit
import Testing

@Suite(.timeLimit(.minutes(30))) struct RemoteFailureTests {
    private static let good = ScriptedServer.Reply.events(Answers.stream(["ok"]))

    @Test func `a server that is too busy is asked again after the time it names`() async throws {
        try await ModelUnderTest.run(answering: { request in
            switch request.repetition {
            case 0: .json("{}", status: 429, headers: [("Retry-After", "7")])
            case 1: .json("{}", status: 503, headers: [("retry-after-ms", "2500")])
            case 2: .json("{}", status: 500)
            default: Self.good
            }
        }) { test in
            let outcome = try await test.call()
            #expect(outcome.reply?.text == "ok")
            #expect(outcome.pauses.prefix(2) == [.seconds(7), .milliseconds(2500)])
            #expect(outcome.pauses.count == 3)
            #expect(outcome.pauses[2] >= .seconds(1) && outcome.pauses[2] < .seconds(2))
            #expect(outcome.events[1] == .waiting(.seconds(7), reason: "too many requests: HTTP 429"))
            #expect(outcome.events[3] == .waiting(.milliseconds(2500), reason: "HTTP 503"))
            #expect(outcome.reply?.duration == outcome.pauses.reduce(.zero, +))
        }
    }

    @Test func `pauses are those of the injected stream, the same for the same request`() async throws {
        func pauses() async throws -> [Duration] {
            try await ModelUnderTest.run(answering: { _ in .status(500) }) { try await $0.call().pauses }
        }
        let first = try await pauses()
        #expect(first.count == 4)
        #expect(Set(first).count == 4)
        #expect(try await pauses() == first)
    }

    @Test func `a 429 shrinks what the server is given, a 500 does not`() async throws {
        for (status, limit) in [(429, 8), (500, 10)] {
            let gate = RequestGate(maximum: 10, time: ManualTimeSource())
            try await gate.enter()
            let reason: AttemptFailure.Reason =
                status == 429 ? .refused(said: nil) : .server(status: status, said: nil)
            gate.leave(AttemptFailure(reason: reason).outcome)
            #expect(gate.limit == limit)
        }
    }

    @Test(
        arguments: [
            (
                429, "{\"error\":{\"message\":\"slow\\ndown\"}}", [],
                "too many requests: HTTP 429: \"slow down\" (5 attempts)", .unreachable
            ),
            (
                429, "{\"error\":{\"message\":\"no money\",\"code\":\"insufficient_quota\"}}", [],
                "too many requests: HTTP 429: \"no money\"", .unreachable
            ),
            (
                429, "", [("Retry-After", "3600")],
                "the server asks to wait 3600 s, longer than the 120 s that are waited", .unreachable
            ), (500, "<h1>Oh no</h1>", [], "the server fails: HTTP 500: \"<h1>Oh no</h1>\" (5 attempts)", .unreachable),
            (401, "{\"error\":\"who?\"}", [], "access refused: HTTP 401, without a key", .failure),
            (403, "", [], "access refused: HTTP 403, without a key", .failure),
            (
                404, "{\"error\":{\"message\":\"model \\\"test\\\" not found\"}}", [],
                "the server has no such model or address: HTTP 404: \"model \"test\" not found\"", .failure
            ),
            (
                400, "{\"detail\":[{\"msg\":\"bad \\u001b[31mtop_k\\u202e\"}]}", [],
                "the server refuses the request: HTTP 400: \"[{\"msg\":\"bad \\u001b[31mtop_k \"}]\"", .failure
            ),
            (
                400, "{\"message\":\"bad \\u001b[31mtop_k\\u202e\\u0000\"}", [],
                "the server refuses the request: HTTP 400: \"bad [31mtop_k\"", .failure
            ), (422, "", [], "the server refuses the request: HTTP 422", .failure),
            (301, "", [("Location", "http://h")], "expected HTTP 200, found HTTP 301, which is not followed", .failure),
        ] as [(Int, String, [(String, String)], String, FailureKind)])
    func `refusals say what the server said, in one clean line`(
        _ status: Int, _ body: String, _ headers: [(String, String)], _ message: String, _ kind: FailureKind
    ) async throws {
        try await ModelUnderTest.run(answering: { _ in .json(body, status: status, headers: headers) }) { test in
            let error = try #require(try await test.call().remoteError)
            #expect(error.message == "model openai:test@\(test.server.address)/v1: \(message)")
            #expect(error.kind == kind)
            #expect(error.hint != nil)
        }
    }

    @Test func `a server that is not there is named, with what to do`() async throws {
        // A port that was free a moment ago.
        let address = try await ScriptedServer.run({ _ in .status(200) }, { $0.address })
        try await ModelUnderTest.run({ $0.retries = RetrySchedule(attempts: 1) }, answering: { _ in .status(200) }) {
            test in
            let endpoint = try RemoteEndpoint(reference: "openai:m@\(address)/v1", environment: [:])
            let model = OpenAIModel(
                endpoint: endpoint, key: .none, connections: test.connections,
                options: test.model.options, jitter: RandomStream(seed: 1), time: test.time)
            let error = await #expect(throws: RemoteError.self) {
                try await model.complete(ModelUnderTest.request) { _ in }
            }
            #expect(
                error?.description == """
                    model openai:m@\(address)/v1: \(endpoint.address.authority) cannot be reached: Connection refused
                    hint: check that the server runs and that the address is right (STOA_OPENAI_BASE_URL, or \
                    openai:NAME@http://host:port/v1)
                    """)
            #expect(error?.kind == .unreachable)
        }
    }

    @Test func `an answer that breaks off before any text is asked for again`() async throws {
        let start = Answers.chunk(delta: ["role": "assistant"]) + Answers.chunk(delta: ["reasoning_content": "so"])
        try await ModelUnderTest.run(answering: { request in
            switch request.repetition {
            case 0: .events([.text(start), .hangUp])
            case 1: .events([.text(start)])
            case 2: .events([.hangUp])
            default: Self.good
            }
        }) { test in
            let outcome = try await test.call()
            #expect(outcome.reply?.text == "ok")
            #expect(
                outcome.events.filter { if case .waiting = $0 { true } else { false } }.count == 3)
            #expect(outcome.text == "ok")
        }
    }

    @Test func `an answer that breaks off after some text is not asked for again, and says so`() async throws {
        let start = Answers.chunk(delta: ["content": "für"])
        for (end, reason) in [
            (ScriptedServer.Part.hangUp, "the connection ended in the middle of the answer"),
            (.text(Answers.event(["error": ["code": 500, "message": "x"]])), "HTTP 500"),
            (.text("data: [DONE]\n\n"), "the stream ended before the answer was complete"),
        ] {
            try await ModelUnderTest.run(answering: { _ in .events([.text(start), .pause, end]) }) { test in
                let outcome = try await test.call(onText: { test.server.proceed() })
                let error = try #require(outcome.remoteError)
                #expect(error.code == .interrupted && error.kind == .unreachable)
                let known = [reason, "the server closed the connection"]
                #expect(
                    known.contains { reason in
                        error.description == """
                            model openai:test@\(test.server.address)/v1: the answer broke off after 3 characters: \(reason)
                            hint: the call was not repeated because part of its text was delivered; run it again
                            """
                    }, "\(error)")
                #expect(outcome.text == "für")
                #expect(test.server.requests.count == 1)
            }
        }
    }

    @Test func `what happens after the end of an answer does not matter`() async throws {
        let body = Answers.stream(["ok"])
        let unfinished = String(body.dropLast("data: [DONE]\n\n".count))
        for parts: [ScriptedServer.Part] in [
            [.text(body), .hangUp], [.text(body), .text("data: {garbage\n\n")], [.text(unfinished), .hangUp],
            [.text(unfinished)], [.text(String(body.dropLast(2)))],
        ] {
            #expect(try await ModelUnderTest.answer(.events(parts)).reply?.text == "ok")
        }
        // The connection stays open: the end is waited for a second, then the answer counts.
        try await ModelUnderTest.run(answering: { _ in .events([.text(body), .stall]) }) { test in
            async let reply = test.model.complete(ModelUnderTest.request) { _ in }
            await test.time.waitForSleepers(2)
            test.time.advance(by: .seconds(1))
            let text = try await reply.text
            #expect(text == "ok")
        }
    }

    @Test(
        arguments: [
            ("data: {oops}\n\n", "event 1 of the answer is no JSON: JSON: "),
            ("data: 7\n\n", "event 1 of the answer: expected an object, found a number"),
            ("data: {\"x\":1}\n\n", "event 1 of the answer: expected a member \"choices\""),
            (
                "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":999}]}}]}\n\n",
                "expected at most 128 tool calls"
            ),
            (
                Answers.stream(["a"], finish: "\u{1B}weird"),
                "the answer: expected a known finish reason, found \" weird\""
            ),
            (
                Answers.event(["error": ["message": "context is full", "code": 400]]),
                "the server refuses the request: HTTP 400: \"context is full\""
            ),
            (Answers.stream(["a"], finish: "content_filter"), "the server's content filter withheld the rest"),
        ])
    func `garbage in a stream is refused, not asked for again, and says where it is`(
        _ body: String, _ message: String
    ) async throws {
        try await ModelUnderTest.run(answering: { _ in .events(body) }) { test in
            let error = try #require(try await test.call().remoteError)
            #expect(error.message.contains(message), "\(error)")
            #expect(error.kind == .failure)
            #expect(test.server.requests.count == 1)
        }
    }

    @Test func `an answer that is no event stream and no JSON is refused`() async throws {
        let page = ScriptedServer.Reply(headers: [("Content-Type", "text/html")], parts: [.text("<html>hello</html>")])
        let error = try #require(try await ModelUnderTest.answer(page).remoteError)
        #expect(error.message.hasSuffix("expected an event stream or a JSON document, found text/html"))
        let half = try #require(try await ModelUnderTest.answer(.json("{\"choices\":[]}")).remoteError)
        #expect(half.message.hasSuffix("/v1: the answer is not complete"))
        let torn = try #require(try await ModelUnderTest.answer(.json("{\"choices\":")).remoteError)
        #expect(torn.message.contains("the answer is no JSON: JSON: unexpected end"))
    }

    @Test func `bodies without end are cut off`() async throws {
        let piece = ScriptedServer.Part.bytes(Array(repeating: 0x61, count: 100_000))
        let endless = Array(repeating: piece, count: 40)
        for reply in [
            ScriptedServer.Reply.events(endless), .events([.text("data: ")] + endless),
            ScriptedServer.Reply(headers: [("Content-Type", "application/json")], parts: endless),
            .events(Array(repeating: .text(": ping" + String(repeating: "-", count: 1000) + "\n\n"), count: 4000)),
        ] {
            let outcome = try await ModelUnderTest.answer(reply, { $0.maximumAnswerBytes = 1_000_000 })
            let error = try #require(outcome.remoteError)
            #expect(error.message.hasSuffix("the answer, or an event of it, is longer than 1000000 bytes"))
        }
        let refusal = ScriptedServer.Reply(status: 400, parts: endless)
        let error = try #require(try await ModelUnderTest.answer(refusal).remoteError)
        #expect(error.message.hasSuffix("HTTP 400: \"\(String(repeating: "a", count: 500))…\""))
    }

    @Test func `a server that trickles is waited for, however long it takes`() async throws {
        let letters = ["a", "b", "c", "d"]
        let parts = letters.flatMap {
            [.text(Answers.chunk(delta: ["content": .string($0)])), ScriptedServer.Part.pause]
        }
        try await ModelUnderTest.run(
            { $0.idleTimeout = .seconds(10) },
            answering: { _ in .events(parts + [.text(Answers.stream([]))]) }
        ) { test in
            let reply = try await test.call(onText: {
                test.time.advance(by: .seconds(9))
                test.server.proceed()
            }).reply
            #expect(reply?.text == "abcd")
            #expect(reply?.duration == .seconds(36))
        }
    }

    @Test(arguments: ["", "ab"])
    func `a server that falls silent is given up after the idle time`(_ text: String) async throws {
        try await ModelUnderTest.run(
            {
                $0.idleTimeout = .seconds(10)
                $0.retries = RetrySchedule(attempts: 1)
            },
            answering: { _ in
                text.isEmpty
                    ? ScriptedServer.Reply(parts: [.stall], hasHead: false)
                    : .events([.text(Answers.chunk(delta: ["content": .string(text)])), .stall])
            }
        ) { test in
            let delivered = Tally()
            async let outcome = test.call(onText: { delivered.add() })
            if text.isEmpty { await test.server.arrivals.reaches(1) } else { await delivered.reaches(1) }
            await test.time.waitForSleepers()
            test.time.advance(by: .seconds(10))
            let error = try #require(try await outcome.remoteError)
            let hint =
                text.isEmpty
                ? "the server may be overloaded or stuck; look at its log"
                : "the call was not repeated because part of its text was delivered; run it again"
            let start = text.isEmpty ? "" : "the answer broke off after 2 characters: "
            #expect(
                error.description == """
                    model openai:test@\(test.server.address)/v1: \(start)nothing received for 10 s
                    hint: \(hint)
                    """)
            #expect(error.kind == .timeout)
            await test.server.departures.reaches(1)
        }
    }

    @Test func `a server that does not read is given up after the idle time`() async throws {
        var request = ModelUnderTest.request
        request.messages = [ChatMessage(.user, String(repeating: "word ", count: 4 << 20))]
        let asked = request
        let address = try await ScriptedServer.run(isDeaf: true, { _ in Self.good }) { server in
            try await RemoteConnections.with { connections in
                var options = OpenAIModel.Options()
                options.retries = RetrySchedule(attempts: 1)
                let time = ManualTimeSource()
                let endpoint = try RemoteEndpoint(reference: "openai:m@\(server.address)", environment: [:])
                let model = OpenAIModel(
                    endpoint: endpoint, key: .none, connections: connections, options: options,
                    jitter: RandomStream(seed: 1), time: time)
                // Awaited below.
                let call = Task { try await model.complete(asked) { _ in } }
                await time.waitForSleepers()
                time.advance(by: options.idleTimeout)
                let error = await #expect(throws: RemoteError.self) { try await call.value }
                #expect(error?.message == "model openai:m@\(server.address): nothing received for 180 s")
                return server.address
            }
        }
        #expect(address.hasPrefix("http://127.0.0.1:"))
    }

    @Test func `an attempt that takes too long ends, whether text was delivered or not`() async throws {
        for text in ["", Answers.chunk(delta: ["content": "ab"])] {
            try await ModelUnderTest.run(
                {
                    $0.attemptTimeout = .milliseconds(2500)
                    $0.retries = RetrySchedule(attempts: 1)
                }, answering: { _ in .events([.text(": x\n\n" + text), .stall]) }
            ) { test in
                let delivered = Tally()
                async let outcome = test.call(onText: { delivered.add() })
                if text.isEmpty { await test.server.arrivals.reaches(1) } else { await delivered.reaches(1) }
                await test.time.waitForSleepers()
                test.time.advance(by: .milliseconds(2500))
                let error = try #require(try await outcome.remoteError)
                #expect(error.kind == .timeout)
                #expect(
                    error.message.hasSuffix(
                        text.isEmpty
                            ? ": no whole answer within 2.5 s"
                            : ": the answer broke off after 2 characters: no whole answer within 2.5 s"))
            }
        }
    }

    @Test func `latents are refused before anything is sent`() async throws {
        try await ModelUnderTest.run(answering: { _ in Self.good }) { test in
            var request = ModelUnderTest.request
            request.context = [
                LatentHandle(
                    digest: SHA256Digest(hashing: []), modelFingerprint: "m", segments: [], nextPosition: 1,
                    byteCount: 1)
            ]
            let error = try #require(try await test.call(request).remoteError)
            #expect(error.code == .unsupported && error.kind == .usage)
            #expect(test.server.requests.isEmpty)
        }
    }

    @Test func `a key is sent, and appears in no error, description or report`() async throws {
        let key = "sk-planted-4711"
        let echo = "{\"error\":{\"message\":\"wrong key: \(key)\"}}"
        let replies: [ScriptedServer.Reply] =
            [400, 401, 403, 404, 409, 422, 429, 500, 503].map { .json(echo, status: $0) }
            + [
                .events("data: \(echo)\n\n"), .events("data: \(key)\n\n"), .json(key), .json("{\"\(key)\":1}"),
                .events(Answers.stream(["a"], finish: key)),
                .events([.text(Answers.chunk(delta: ["content": "a"])), .text("data: \(echo)\n\n")]),
                ScriptedServer.Reply(headers: [("Content-Type", "text/plain")], parts: [.text(key)]),
                .events([.hangUp]),
            ]
        for reply in replies {
            try await ModelUnderTest.run(key: key, answering: { _ in reply }) { test in
                let outcome = try await test.call()
                let sent = test.server.requests.map { $0.headers.first(name: "Authorization") }
                #expect(sent.allSatisfy { $0 == "Bearer \(key)" })
                let error = try #require(outcome.remoteError)
                var report =
                    "\(error) \(String(reflecting: error)) \(outcome.events) \(test.model.identity.document.text)"
                dump(error, to: &report)
                dump(test.model, to: &report)
                print(test.model, test.model.endpoint, to: &report)
                for request in test.server.requests { report += request.body.text }
                #expect(!report.contains(key), "\(error)")
            }
        }
    }
}
