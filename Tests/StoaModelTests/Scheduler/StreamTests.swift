import StoaCore
import StoaModel
import Testing

/// Streams deliver in order what `generate` gives, at the reader's pace.
@Suite struct StreamTests {
    private struct Unexpected: Error {}
    private static let tiny = TinyModel.floats[1]
    private static func load() async throws -> LocalModel { try await tiny.load(.fast) { $0.prefixMemory = 0 } }

    private static func request(_ tokens: Int, seed: UInt64 = 1, buffered: Int = 64) -> GenerationRequest {
        var request = GenerationRequest()
        request.maximumTokens = tokens
        request.sampling.logProbabilities = 2
        request.stream = RandomStream(seed: seed)
        request.bufferedEvents = buffered
        return request
    }

    private static func events(_ stream: TokenStream) async throws -> [GenerationEvent] {
        try await stream.reduce(into: []) { $0.append($1) }
    }

    @Test(arguments: [1, 2, 64]) func `the events are the tokens of generate in order, then one end`(_ buffered: Int)
        async throws
    {
        let model = try await Self.load()
        let prompt = sampleTokens(7, seed: 1, vocabulary: 96).inputs
        let whole = try await model.generate(prompt, request: Self.request(40))
        let stream = try await model.stream(prompt, request: Self.request(40, buffered: buffered))
        let events = try await Self.events(stream)
        let tokens = events.compactMap { event -> GeneratedToken? in
            if case .token(let token) = event { token } else { nil }
        }
        #expect(events.count == 41)
        #expect(tokens.map(\.id) == whole.tokens)
        #expect(tokens.map(\.index) == Array(0..<40))
        #expect(tokens.map(\.logProbability) == whole.logProbabilities)
        guard case .end(let end) = try #require(events.last) else { throw Unexpected() }
        #expect(end.reason == .length)
        #expect(end.usage == whole.usage)
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next() == nil)
        let generation = await stream.generation()
        #expect(generation.tokens == whole.tokens)
        #expect(generation.cache.contentHash == whole.cache.contentHash)
    }

    @Test(arguments: [1, 2, 5]) func `nothing runs ahead of the reader by more than the buffer`(_ buffered: Int)
        async throws
    {
        let model = try await Self.load()
        let stream = try await model.stream([.token(5)], request: Self.request(60, buffered: buffered))
        var iterator = stream.makeAsyncIterator()
        for read in 1...4 {
            _ = try await iterator.next()
            // Somebody else keeps the passes going all the while.
            _ = try await model.generate([.token(9)], request: Self.request(50))
            let generation = await stream.generation()
            #expect(generation.tokens.count == read + buffered)
            #expect(generation.cache.count == read + buffered)
        }
        let passes = await model.occupancy.passes
        for _ in 0..<100 { await Task.yield() }
        #expect(await model.occupancy.passes == passes)
    }

    @Test func `a stream that is let go of ends its sequence`() async throws {
        let model = try await Self.load()
        do {
            let stream = try await model.stream([.token(5)], request: Self.request(60))
            var iterator = stream.makeAsyncIterator()
            _ = try await iterator.next()
            #expect(await model.sequenceCount == 1)
        }
        _ = try await model.generate([.token(9)], request: Self.request(1))
        #expect(await model.sequenceCount == 0)
        #expect(await model.usedMemory == 0)
    }

    @Test func `a reader that is cancelled ends the stream`() async throws {
        let model = try await Self.load()
        let stream = try await model.stream([.token(5)], request: Self.request(200))
        let task = Task {
            var count = 0
            for try await _ in stream {
                count += 1
                if count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return count
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await stream.generation().finish == .cancelled)
        #expect(await stream.generation().tokens.count == 3)
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next() == nil)
        #expect(await model.sequenceCount == 0)
    }

    @Test func `streams that are read in turns do not disturb each other`() async throws {
        let model = try await Self.load()
        var whole: [[TokenID]] = []
        for seed in 0..<3 {
            whole.append(try await model.generate([.token(5)], request: Self.request(30, seed: UInt64(seed))).tokens)
        }
        var streams: [TokenStream.Iterator] = []
        for seed in 0..<3 {
            let request = Self.request(30, seed: UInt64(seed), buffered: 1 + seed)
            streams.append(try await model.stream([.token(5)], request: request).makeAsyncIterator())
        }
        var found: [[TokenID]] = [[], [], []]
        for turn in 0..<93 {
            if case .token(let token) = try await streams[turn % 3].next() { found[turn % 3].append(token.id) }
        }
        #expect(found == whole)
    }

    @Test func `many readers at once each get their own events`() async throws {
        let model = try await Self.load()
        let whole = try await model.generate([.token(5)], request: Self.request(25)).tokens
        try await withThrowingTaskGroup(of: [TokenID].self) { group in
            for index in 0..<16 {
                group.addTask {
                    let stream = try await model.stream([.token(5)], request: Self.request(25, buffered: 1 + index % 3))
                    return try await Self.events(stream).compactMap {
                        if case .token(let token) = $0 { token.id } else { nil }
                    }
                }
            }
            for try await tokens in group { #expect(tokens == whole) }
        }
    }

    @Test func `a failure comes behind the tokens before it, once`() async throws {
        let page = try await pageBytes(try await Self.load())
        let model = try await Self.tiny.load(.fast) {
            $0.kvMemory = page
            $0.prefixMemory = 0
        }
        let stream = try await model.stream([.token(5)], request: Self.request(60))
        var iterator = stream.makeAsyncIterator()
        for index in 0..<32 {
            guard case .token(let token) = try await iterator.next() else { throw Unexpected() }
            #expect(token.index == index)
        }
        let error = await #expect(throws: ModelError.self) { try await iterator.next() }
        #expect(error?.code == .cacheFull)
        #expect(try await iterator.next() == nil)
        #expect(await model.usedMemory == 0)
    }

    @Test func `two tasks that read one stream share its events and both end`() async throws {
        let model = try await Self.load()
        let stream = try await model.stream([.token(5)], request: Self.request(40))
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 { group.addTask { try await Self.events(stream).count } }
            return try await group.reduce(0, +)
        }
        #expect(counts == 41)
    }

    @Test func `a generation ends for want of context, at its length, or at a stop token`() async throws {
        let model = try await Self.load()
        let prompt = sampleTokens(250, seed: 2, vocabulary: 96)
        let full = try await model.generate(prompt.inputs, request: Self.request(60))
        #expect(full.finish == .context)
        // Six positions are free, and the token that is sampled behind the last of them need not be fed.
        #expect(full.tokens.count == 7)
        #expect(full.cache.count == 256)
        #expect(full.usage == Usage(prefillTokens: 250, decodedTokens: 7))

        let long = try await model.generate([.token(5)], request: Self.request(12))
        #expect(long.finish == .length)
        #expect(long.tokens.count == 12)
        #expect(long.cache.tokens == [5] + long.tokens.dropLast())

        var stopping = Self.request(12)
        stopping.stop.tokens = [long.tokens[6]]
        let first = try #require(long.tokens.firstIndex(of: long.tokens[6]))
        let stopped = try await model.generate([.token(5)], request: stopping)
        #expect(stopped.finish == .stop)
        #expect(stopped.tokens == Array(long.tokens[..<first]))
    }
}
