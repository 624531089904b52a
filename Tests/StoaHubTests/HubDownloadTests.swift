import StoaCore
import StoaHub
import Testing

@Suite(.timeLimit(.minutes(30))) struct HubDownloadTests {
    private let body = sampleBytes(300_000)
    private let name = "hf:owner/repo/model.gguf"
    private let place = "models/hf/owner/repo/main/model.gguf"

    @Test func `a file is fetched once and then found`() async throws {
        let test = try TestStore()
        try await TestServer.run({ [body] _ in .file(body, tag: "\"a\"") }) { server, base in
            let store = test.hub(base)
            let reference = try store.reference(name)
            #expect(store.installed(reference) == nil)
            let fetched = try await store.pull(reference, observer: test.observer)
            #expect(fetched.isFresh)
            #expect(fetched.sha256 == SHA256Digest(hashing: body).description)
            #expect(test.bytes(fetched.path) == body)
            #expect(test.files == ["models/hf/owner/repo/main/.stoa.json", place])
            #expect(test.reported.last?.phase == .finished)
            let found = try await store.pull(reference)
            #expect(!found.isFresh && found.path == fetched.path && found.sha256 == fetched.sha256)
            #expect(server.requests.map(\.path) == ["/owner/repo/resolve/main/model.gguf"])
            #expect(store.list().compactMap(\.installed?.name) == [name])
        }
    }

    @Test func `a revision and a nested file have their own place`() async throws {
        let test = try TestStore()
        try await TestServer.run({ [body] _ in .file(body) }) { server, base in
            let store = test.hub(base)
            let model = try await store.pull(store.reference("hf:o/r@v1.2/q4/m.gguf"))
            #expect(model.path == test.path("models/hf/o/r/v1.2/q4/m.gguf"))
            #expect(server.requests.map(\.path) == ["/o/r/resolve/v1.2/q4/m.gguf"])
        }
    }

    @Test func `a connection that breaks is resumed where it stopped`() async throws {
        let test = try TestStore()
        let answer: @Sendable (TestServer.Request) -> TestServer.Reply = { [body] request in
            var reply = TestServer.Reply.ranged(body, tag: "\"a\"", request)
            if request.repetition < 2 { reply.closesAfter = 100_000 }
            return reply
        }
        try await TestServer.run(answer) { server, base in
            let store = test.hub(base)
            let model = try await store.pull(store.reference(name), observer: test.observer)
            #expect(test.bytes(model.path) == body)
            // What had arrived before the break may be less than what was sent, but never nothing.
            let starts = server.requests.map { $0.rangeStart ?? 0 }
            #expect(starts.count >= 3 && starts == starts.sorted() && starts[0] == 0 && starts[1] > 0)
            #expect(test.reported.contains { $0.phase == .retrying })
        }
    }

    @Test func `a server without ranges is asked for everything again`() async throws {
        let test = try TestStore()
        let answer: @Sendable (TestServer.Request) -> TestServer.Reply = { [body] request in
            var reply = TestServer.Reply.file(body, tag: "\"a\"")
            if request.repetition == 0 { reply.closesAfter = 100_000 }
            return reply
        }
        try await TestServer.run(answer) { _, base in
            let store = test.hub(base)
            let model = try await store.pull(store.reference(name))
            #expect(test.bytes(model.path) == body)
        }
    }

    @Test func `a file that changed between two attempts is fetched from the start`() async throws {
        let test = try TestStore()
        let changed = sampleBytes(200_000, seed: 7)
        let answer: @Sendable (TestServer.Request) -> TestServer.Reply = { [body] request in
            guard request.repetition == 0 else { return .ranged(changed, tag: "\"b\"", request) }
            return TestServer.Reply(headers: [("ETag", "\"a\"")], body: body, closesAfter: 100_000)
        }
        try await TestServer.run(answer) { _, base in
            let store = test.hub(base)
            let model = try await store.pull(store.reference(name))
            #expect(test.bytes(model.path) == changed)
        }
    }

    @Test func `a cancelled pull leaves no model and the next one goes on`() async throws {
        let test = try TestStore()
        let answer: @Sendable (TestServer.Request) -> TestServer.Reply = { [body] request in
            var reply = TestServer.Reply.ranged(body, tag: "\"a\"", request)
            if request.repetition == 0 { reply.stallsAfter = 100_000 }
            return reply
        }
        try await TestServer.run(answer) { server, base in
            let store = test.hub(base)
            let reference = try store.reference(name)
            let (arrived, announce) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
            let pull = Task {
                try await store.pull(reference) { if $0.bytes == 100_000 { announce.yield() } }
            }
            for await _ in arrived { break }
            pull.cancel()
            await #expect(throws: CancellationError.self) { try await pull.value }
            #expect(store.installed(reference) == nil)
            #expect(test.files == [place + ".part", place + ".part.tag"])
            let model = try await store.pull(reference)
            #expect(test.bytes(model.path) == body)
            #expect(server.requests.map(\.rangeStart) == [nil, 100_000])
        }
    }

    @Test func `two pulls at once fetch once`() async throws {
        let test = try TestStore()
        try await TestServer.run({ [body] _ in .file(body) }) { server, base in
            let store = test.hub(base)
            let reference = try store.reference(name)
            async let first = store.pull(reference)
            async let second = store.pull(reference)
            let models = try await [first, second]
            #expect(models[0].path == models[1].path)
            #expect(models.count { $0.isFresh } == 1)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a removed file is gone and can be fetched again`() async throws {
        let test = try TestStore()
        try await TestServer.run({ [body] _ in .file(body) }) { server, base in
            let store = test.hub(base)
            let reference = try store.reference(name)
            _ = try await store.pull(reference)
            #expect(try await store.remove(reference) == Int64(body.count))
            #expect(store.installed(reference) == nil)
            await #expect(throws: HubError.self) { try await store.remove(reference) }
            let model = try await store.pull(reference)
            #expect(model.isFresh)
            #expect(server.requests.count == 2)
        }
    }
}
