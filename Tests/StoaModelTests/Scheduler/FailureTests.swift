import StoaCore
import StoaModel
import Testing

/// What goes wrong with one sequence stays with it, and what cannot be done is refused with what was found.
@Suite struct FailureTests {
    private struct Broken: Error {}
    private static let tiny = TinyModel.floats[1]
    private static func tokens(_ count: Int, _ seed: Int) -> [TokenID] {
        sampleTokens(count, seed: seed, vocabulary: 96)
    }

    @Test func `a sequence that fails takes nobody with it`() async throws {
        let model = try await Self.tiny.load(.fast)
        let prompt = Self.tokens(40, 1)
        let continuation = Self.tokens(30, 2)
        let expected = try await trace(try await Self.tiny.load(.fast), prompt: prompt, continuation: continuation)
        let good = ScriptDriver(prompt: prompt, continuation: continuation)
        let inReceive = ScriptDriver(
            prompt: prompt, continuation: continuation, onRow: { if $0 == 45 { throw Broken() } })
        var steps = 0
        let inNext = ScriptDriver(
            prompt: prompt, continuation: continuation,
            onNext: {
                steps += 1
                if steps == 4 { throw Broken() }
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await model.run(good) }
            for driver in [inReceive, inNext] {
                group.addTask {
                    await #expect(throws: Broken.self) { try await model.run(driver) }
                }
            }
            try await group.waitForAll()
        }
        #expect(sameBits(good.logits, expected))
        #expect(inReceive.logits.count == 45)
        #expect(inNext.logits.count == 42)
        #expect(await model.sequenceCount == 0)
    }

    @Test(arguments: [-1, 96, .max]) func `a token outside the vocabulary is refused`(_ id: Int32) async throws {
        let model = try await Self.tiny.load()
        let error = await #expect(throws: ModelError.self) {
            try await model.prefill([.token(5), .token(TokenID(id))])
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.contains("token \(id) is not in the vocabulary of 96") == true)
        await #expect(throws: ModelError.self) { try await model.score([5, TokenID(id)]) }
        #expect(await model.occupancy.passes == 0)
    }

    @Test(arguments: [0, 31, 33]) func `a vector of another width is refused`(_ width: Int) async throws {
        let model = try await Self.tiny.load()
        let vector = [Float](repeating: 0, count: width)
        let error = await #expect(throws: ModelError.self) { try await model.think([.embedding(vector)], steps: 1) }
        #expect(error?.message == "an input vector has \(width) numbers, the model's width is 32")
    }

    @Test func `a generation without a prompt, tokens or buffer is refused`() async throws {
        let model = try await Self.tiny.load()
        func code(_ prompt: [ModelInput], _ change: (inout GenerationRequest) -> Void) async -> ModelError.Code? {
            var request = GenerationRequest()
            change(&request)
            let asked = request
            return await #expect(throws: ModelError.self) { try await model.generate(prompt, request: asked) }?.code
        }
        #expect(await code([]) { _ in } == .invalidRequest)
        #expect(await code([.token(5)]) { $0.maximumTokens = 0 } == .invalidRequest)
        #expect(await code([.token(5)]) { $0.bufferedEvents = 0 } == .invalidRequest)
    }

    @Test func `scoring nothing gives nothing`() async throws {
        let score = try await Self.tiny.load().score([])
        #expect(score.tokens.isEmpty)
    }

    @Test func `an input beyond the context is refused, one that fills it is not`() async throws {
        let model = try await Self.tiny.load(.fast)
        let full = try await model.prefill(Self.tokens(256, 1).inputs)
        #expect(full.count == 256)
        for (inputs, cache) in [(Self.tokens(257, 1), nil), ([5], full)] {
            let error = await #expect(throws: ModelError.self) { try await model.prefill(inputs.inputs, from: cache) }
            #expect(error?.code == .contextExceeded)
            #expect(error?.message == "input needs 257 positions, the model has 256")
        }
        // The same rows one further along no longer fit, though what is fed next would.
        let moved = try full.moved(to: 1)
        let outputs = OutputRequest(logits: .all)
        await #expect(throws: ModelError.self) {
            try await model.probe([.token(5)], from: moved, outputs: outputs, positions: [0])
        }
    }

    @Test func `masks and positions of the wrong shape are refused`() async throws {
        let model = try await Self.tiny.load()
        let outputs = OutputRequest(logits: .all)
        let two: [ModelInput] = [.token(5), .token(6)]
        for mask in [[[true]], [[true, true]], [[true, true], [true]], [[true, true, true], [true, true, true]]] {
            let error = await #expect(throws: ModelError.self) {
                try await model.probe(two, outputs: outputs, mask: AttentionMask(rows: mask))
            }
            #expect(error?.code == .invalidRequest)
        }
        for positions: [Int32] in [[0], [0, 1, 2], [0, -1], [0, 256]] {
            await #expect(throws: ModelError.self) {
                try await model.probe(two, outputs: outputs, positions: positions)
            }
        }
        let many = Self.tokens(65, 1)
        let mask = AttentionMask(rows: (0..<65).map { _ in [Bool](repeating: true, count: 65) })
        await #expect(throws: ModelError.self) { try await model.probe(many.inputs, outputs: outputs, mask: mask) }
    }

    @Test func `options that no engine can run with are refused`() async throws {
        let changes: [@Sendable (inout LocalModel.Options) -> Void] = [
            { $0.threads = 0 }, { $0.passRows = 0 }, { $0.kvMemory = 0 }, { $0.prefixMemory = -1 },
        ]
        for change in changes {
            let error = await #expect(throws: ModelError.self) { try await Self.tiny.load(.fast, change) }
            #expect(error?.code == .invalidRequest)
        }
    }

    @Test func `caches cannot be moved to positions that do not exist`() async throws {
        let model = try await Self.tiny.load(.fast)
        let cache = try await model.prefill(Self.tokens(5, 1).inputs)
        for position in [Int32.min, -1, .max, .max - 3] {
            #expect(throws: ModelError.self) { try cache.moved(to: position) }
        }
        let far = try cache.moved(to: .max - 6)
        #expect(throws: ModelError.self) { try far.appending(cache) }
        #expect(throws: ModelError.self) { try KVCache.merge(base: far, branches: [far, cache]) }
        await #expect(throws: ModelError.self) { try await model.prefill([.token(5)], from: far) }
        // Rows of a branch may come before the first row of a selection: moving that row to 0 would take them below.
        let root = try await model.prefill(Self.tokens(4, 2).inputs)
        let long = try await model.prefill(Self.tokens(9, 3).inputs, from: root)
        let short = try await model.prefill(Self.tokens(3, 4).inputs, from: root)
        let merged = try KVCache.merge(base: root, branches: [long, short], positions: .keep)
        let chosen = try merged.select([12, 13, 14], positions: .keep)
        #expect(chosen.positions == [12, 4, 5])
        #expect(throws: ModelError.self) { try chosen.moved(to: 0) }
    }

    @Test func `a cache may end before its highest position`() async throws {
        let model = try await Self.tiny.load()
        let root = try await model.prefill(Self.tokens(4, 2).inputs)
        let long = try await model.prefill(Self.tokens(200, 3).inputs, from: root)
        let short = try await model.prefill(Self.tokens(3, 4).inputs, from: root)
        let merged = try KVCache.merge(base: root, branches: [long, short], positions: .keep).truncated(to: 206)
        #expect(merged.nextPosition == 6)
        let next = try await model.probe([.token(7)], from: merged, outputs: OutputRequest(logits: .all))
        #expect(next.rows[0].logits?.allSatisfy(\.isFinite) == true)
        #expect(next.cache.positions.last == 6)
    }
}
