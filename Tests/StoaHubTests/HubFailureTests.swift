import NIOHTTP1
import StoaCore
import StoaHub
import Testing

@Suite(.timeLimit(.minutes(30))) struct HubFailureTests {
    private let body = sampleBytes(50_000)
    private let path = "/owner/repo/resolve/main/model.gguf"

    private func failure(
        _ test: TestStore, token: String? = nil, _ answer: @escaping @Sendable (TestServer.Request) -> TestServer.Reply
    ) async throws -> (error: HubError, base: String, requests: [TestServer.Request]) {
        try await TestServer.run(answer) { server, base in
            let store = test.hub(base, token: token)
            let error = await #expect(throws: HubError.self) {
                try await store.pull(store.reference("hf:owner/repo/model.gguf"))
            }
            #expect(!test.files.contains("models/hf/owner/repo/main/model.gguf"), "nothing stands in the model's place")
            return (try #require(error), base, server.requests)
        }
    }

    @Test func `a missing file is named`() async throws {
        let (error, base, requests) = try await failure(TestStore()) { _ in .status(404) }
        #expect(error.message == "\(base)\(path): no such file (HTTP 404)")
        #expect(error.kind == .badInput && requests.count == 1)
    }

    @Test(arguments: [401, 403])
    func `a refusal says what a token would do and never shows it`(_ status: Int) async throws {
        let (bare, base, _) = try await failure(TestStore()) { _ in .status(status) }
        #expect(bare.message == "\(base)\(path): access denied (HTTP \(status))")
        #expect(bare.hint == "the model may be gated or private: set HF_TOKEN to a token with access")
        let (held, _, requests) = try await failure(TestStore(), token: "s3cret") { _ in .status(status) }
        #expect(!"\(held)".contains("s3cret") && held.hint?.contains("has no access") == true)
        #expect(requests.first?.headers.first(name: "Authorization") == "Bearer s3cret")
    }

    @Test func `a busy server is asked again after the pause it wants`() async throws {
        let test = try TestStore()
        try await TestServer.run({ [body] request in
            request.repetition == 0 ? .status(429, [("Retry-After", "7")]) : .file(body)
        }) { _, base in
            let store = test.hub(base)
            let model = try await store.pull(store.reference("hf:owner/repo/model.gguf"))
            #expect(model.isFresh)
            #expect(test.clock.pauses == [.seconds(7)])
        }
    }

    @Test func `a failing server is asked five times with growing pauses`() async throws {
        let test = try TestStore()
        let (error, base, requests) = try await failure(test) { _ in .status(503) }
        #expect(error.message == "\(base)\(path): HTTP 503 (5 attempts)")
        #expect(error.kind == .unreachable && requests.count == 5)
        #expect(test.clock.pauses == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
    }

    @Test func `an absurd pause is cut short`() async throws {
        let test = try TestStore()
        _ = try await failure(test) { _ in .status(429, [("Retry-After", "999999999999")]) }
        #expect(test.clock.pauses.allSatisfy { $0 == .seconds(30) })
    }

    @Test func `a server that is not there is unreachable`() async throws {
        let base = try await TestServer.run({ _ in .status(200) }) { _, base in base }
        let store = try TestStore().hub(base)
        let error = await #expect(throws: HubError.self) { try await store.pull(store.reference("hf:o/r/f.gguf")) }
        #expect(error?.code == .unreachable && error?.kind == .unreachable)
        #expect(error?.message.contains("(5 attempts)") == true)
    }

    @Test func `a file of another size than the hub says is thrown away`() async throws {
        let test = try TestStore()
        let (error, base, _) = try await failure(test) { [body] _ in .file(body, headers: [("X-Linked-Size", "60000")])
        }
        #expect(error.message == "\(base)\(path): expected 60000 bytes, found 50000")
        #expect(test.files == [])
    }

    @Test func `a file of another content than the hub says is thrown away`() async throws {
        let test = try TestStore()
        let wrong = SHA256Digest(hashing: []).description
        let (error, base, _) = try await failure(test) { [body] _ in
            .file(body, headers: [("X-Linked-Etag", "\"\(wrong)\"")])
        }
        let found = SHA256Digest(hashing: body).description
        #expect(error.message == "\(base)\(path): expected SHA-256 \(wrong), found \(found)")
        #expect(error.code == .checksumMismatch && test.files == [])
    }

    @Test func `a range that was not asked for is not believed`() async throws {
        let test = try TestStore()
        try await TestServer.run({ [body] request in
            switch request.repetition {
            case 0: TestServer.Reply(headers: [("ETag", "\"a\"")], body: body, closesAfter: 20_000)
            case 1:
                TestServer.Reply(status: 206, headers: [("Content-Range", "bytes 5-9/50000")], body: [1, 2, 3, 4, 5])
            default: .ranged(body, tag: "\"a\"", request)
            }
        }) { _, base in
            let store = test.hub(base)
            let model = try await store.pull(store.reference("hf:owner/repo/model.gguf"))
            #expect(test.bytes(model.path) == body)
        }
    }

    @Test func `a redirect is followed and what the hub said before it counts`() async throws {
        let digest = SHA256Digest(hashing: body).description
        try await TestServer.run({ [body] _ in .file(body) }) { store, storeBase in
            try await TestServer.run({ [body] request in
                request.path.hasPrefix("/owner")
                    ? .status(302, [("Location", "/moved"), ("X-Linked-Etag", "\"\(digest)\"")])
                    : .status(
                        307, [("Location", "\(storeBase)/bytes?signature=x"), ("X-Linked-Size", "\(body.count)")])
            }) { hub, hubBase in
                let test = try TestStore()
                let models = test.hub(hubBase, token: "s3cret")
                let model = try await models.pull(models.reference("hf:owner/repo/model.gguf"))
                #expect(test.bytes(model.path) == body)
                // The token goes to the hub's own address only.
                #expect(hub.requests.map { $0.headers.contains(name: "Authorization") } == [true, true])
                #expect(store.requests.map { $0.headers.contains(name: "Authorization") } == [false])
            }
        }
    }

    @Test func `redirects in a circle end`() async throws {
        let (error, base, requests) = try await failure(TestStore()) { _ in .status(302, [("Location", "/again")]) }
        #expect(error.message == "\(base)\(path): more than 10 redirects")
        #expect(requests.count == 10)
    }

    @Test(arguments: ["ftp://elsewhere/x", "http://user:password@elsewhere/x", "http:///x"])
    func `a redirect to what is no plain HTTP address is refused`(_ location: String) async throws {
        let (error, base, _) = try await failure(TestStore()) { _ in .status(302, [("Location", location)]) }
        #expect(error.message == "\(base)\(path): a redirect without a usable address")
    }

    @Test func `a base that is no address is refused`() async throws {
        let store = try TestStore().hub("nonsense")
        let error = await #expect(throws: HubError.self) { try await store.pull(store.reference("hf:o/r/f.gguf")) }
        #expect(error?.message == "STOA_HF_BASE: expected an http:// or https:// address, found \"nonsense\"")
    }
}
