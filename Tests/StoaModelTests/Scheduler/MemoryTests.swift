import StoaCore
import StoaModel
import Testing

/// Memory for keys and values is bounded: who finds none is told so, and nobody else fails for it.
@Suite struct MemoryTests {
    private static let tiny = TinyModel.floats[1]

    /// A model with memory for so many pages.
    private static func load(pages: Int, prefixPages: Int = 0) async throws -> LocalModel {
        let page = try await pageBytes(try await tiny.load(.fast))
        return try await tiny.load(.fast) {
            $0.kvMemory = pages * page
            $0.prefixMemory = prefixPages * page
        }
    }

    private static func tokens(_ count: Int, _ seed: Int) -> [TokenID] {
        sampleTokens(count, seed: seed, vocabulary: 96)
    }

    private static func alone(_ prompt: [TokenID], _ continuation: [TokenID] = []) async throws -> [[Float]] {
        try await trace(try await tiny.load(.fast) { $0.prefixMemory = 0 }, prompt: prompt, continuation: continuation)
    }

    @Test func `an input that can never fit is refused with the limit`() async throws {
        let model = try await Self.load(pages: 2)
        let error = await #expect(throws: ModelError.self) { try await model.prefill(Self.tokens(65, 1).inputs) }
        #expect(error?.code == .cacheFull)
        #expect(error?.hint?.contains("--kv-memory") == true)
        #expect(await model.usedMemory == 0)
        #expect(try await model.prefill(Self.tokens(64, 1).inputs).count == 64)
    }

    @Test func `where two sequences do not fit, the younger fails and the older finishes as if alone`() async throws {
        let model = try await Self.load(pages: 4)
        let drivers = (0..<2).map { ScriptDriver(prompt: Self.tokens(10, $0), continuation: Self.tokens(80, 10 + $0)) }
        let gate = Gate()
        for driver in drivers { driver.gate = gate }
        let older = Task { _ = try await model.run(drivers[0]) }
        await until { await model.sequenceCount == 1 }
        let younger = Task { _ = try await model.run(drivers[1]) }
        await until { await model.sequenceCount == 2 }
        gate.open()
        let error = await #expect(throws: ModelError.self) { try await younger.value }
        #expect(error?.code == .cacheFull)
        try await older.value
        #expect(sameBits(drivers[0].logits, try await Self.alone(Self.tokens(10, 0), Self.tokens(80, 10))))
        #expect(await model.usedMemory == 0)
    }

    @Test func `one failure for want of memory gives room to all others`() async throws {
        // Eight sequences of two pages in eleven pages: three must go, not all.
        let model = try await Self.load(pages: 11)
        let drivers = (0..<8).map { ScriptDriver(prompt: Self.tokens(20, $0), continuation: Self.tokens(40, 10 + $0)) }
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for driver in drivers { group.addTask { (try? await model.run(driver)) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes >= 5)
        for (index, driver) in drivers.enumerated() where driver.logits.count == 60 {
            #expect(sameBits(driver.logits, try await Self.alone(Self.tokens(20, index), Self.tokens(40, 10 + index))))
        }
        #expect(await model.usedMemory == 0)
    }

    @Test func `a stream that fails for want of memory gives its own back though nobody reads it`() async throws {
        let model = try await Self.load(pages: 4)
        let older = ScriptDriver(prompt: Self.tokens(10, 1), continuation: Self.tokens(80, 2))
        let gate = Gate()
        older.gate = gate
        let task = Task { _ = try await model.run(older) }
        await until { await model.sequenceCount == 1 }
        var request = GenerationRequest()
        request.maximumTokens = 200
        request.bufferedEvents = 200
        let stream = try await model.stream([.token(5)], request: request)
        gate.open()
        try await task.value
        #expect(older.logits.count == 90)
        let error = await #expect(throws: ModelError.self) {
            for try await _ in stream {}
        }
        #expect(error?.code == .cacheFull)
        #expect(await model.usedMemory == 0)
    }

    @Test func `remembered prefixes make room for what runs`() async throws {
        let model = try await Self.load(pages: 6, prefixPages: 6)
        let page = try await pageBytes(try await Self.tiny.load(.fast))
        for seed in 0..<5 {
            let prompt = Self.tokens(160, seed)
            let found = try await trace(model, prompt: prompt, continuation: Self.tokens(3, 9))
            #expect(sameBits(found, try await Self.alone(prompt, Self.tokens(3, 9))))
            #expect(await model.usedMemory <= 6 * page)
        }
    }

    @Test func `the prefix cache stays within its part`() async throws {
        let model = try await Self.load(pages: 100, prefixPages: 3)
        for seed in 0..<4 { _ = try await model.prefill(Self.tokens(100, seed).inputs) }
        let page = try await pageBytes(try await Self.tiny.load(.fast))
        #expect((1...3 * page).contains(await model.usedMemory))
    }

    @Test func `a stored cache finds room where only prefixes are in the way`() async throws {
        let model = try await Self.load(pages: 6, prefixPages: 6)
        let stored = try await model.prefill(Self.tokens(96, 1).inputs).serialised()
        _ = try await model.prefill(Self.tokens(96, 2).inputs)
        let held = try await model.restoreCache(stored)
        let more = try await model.restoreCache(stored)
        #expect(held.contentHash == more.contentHash)
        let error = await #expect(throws: ModelError.self) { try await model.restoreCache(stored) }
        #expect(error?.code == .cacheFull)
    }

    @Test func `layer programs share one budget`() async throws {
        let model = try await Self.load(pages: 2)
        let held = try await model.prefill(Self.tokens(40, 1).inputs)
        let other = try await model.makeCache(layerProgram: [0, 1])
        await #expect(throws: ModelError.self) { try await model.prefill([.token(5)], from: other) }
        #expect(held.count == 40)
    }

    @Test func `forks that grow in one pass are given a page each, or one of them fails whole`() async throws {
        for pages in 1...3 {
            let model = try await Self.load(pages: pages)
            let root = try await model.prefill(Self.tokens(10, 1).inputs)
            let drivers = (0..<3).map { ScriptDriver(prompt: Self.tokens(15, 20 + $0)) }
            let gate = Gate()
            for driver in drivers { driver.gate = gate }
            let finished = await withTaskGroup(of: Int?.self) { group in
                for (index, driver) in drivers.enumerated() {
                    group.addTask { (try? await model.run(driver, from: root)) == nil ? nil : index }
                }
                await until { await model.sequenceCount == 3 }
                gate.open()
                return await group.reduce(into: [Int]()) { if let index = $1 { $0.append(index) } }
            }
            // The first fork writes behind the root, in its page; each other one needs its own.
            #expect(finished.count >= min(pages, 3))
            for index in finished {
                let expected = try await Self.alone(Self.tokens(10, 1) + Self.tokens(15, 20 + index))
                #expect(sameBits(drivers[index].logits, expected[10...]))
            }
        }
    }
}
