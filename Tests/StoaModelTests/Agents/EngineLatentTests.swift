import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

/// Latent messages of the engine, as agents exchange them.
@Suite struct EngineLatentTests {
    private static func engine(_ precision: Precision = .fast) async throws -> EngineModel {
        try await TinyChat().engine(precision)
    }

    @Test(arguments: Precision.allCases)
    func `thinking and then saying is what the model itself does`(_ precision: Precision) async throws {
        let model = try await Self.engine(precision)
        let log = ProgressLog()
        let thought = try await model.think(.ask("plan"), steps: 6) { log.add($0) }
        #expect(log.all == [.prefilling] + (1...6).map { .latentStep($0) })
        let direct = try await model.model.think(thought.promptTokens.inputs, steps: 6, author: "tester")
        #expect(thought.latent.digest == direct.cache.contentHash)
        #expect(thought.latent.digest == SHA256Digest(hashing: direct.cache.serialised()))
        #expect(thought.latent.modelFingerprint == model.identity.fingerprint)
        #expect(thought.latent.nextPosition == thought.promptTokens.count + 6)
        #expect(thought.latent.byteCount == direct.cache.byteCount)
        #expect(
            thought.latent.segments == [
                LatentHandle.Segment(author: "tester", origin: "prompt", rows: thought.promptTokens.count),
                LatentHandle.Segment(author: "tester", origin: "latent", rows: 6),
            ])

        let reply = try await model.complete(.ask("say", context: [thought.latent], seed: 7, tokens: 40))
        var request = GenerationRequest()
        request.maximumTokens = 40
        request.sampling.logProbabilities = 0
        request.stream = SeedPath(seed: 7).stream
        let expected = try await model.model.generate(
            reply.promptTokens.inputs, from: direct.cache, request: request)
        #expect(reply.tokens == expected.tokens)
        #expect(reply.text == expected.text)
        #expect(reply.logProbabilities == expected.logProbabilities)
        #expect(reply.finish == expected.finish)
        let without = try await model.complete(.ask("say", seed: 7, tokens: 40))
        #expect(without.promptTokens == reply.promptTokens)
        #expect(without.logProbabilities != reply.logProbabilities)
    }

    @Test func `several latents come to mind in order`() async throws {
        let model = try await Self.engine()
        let first = try await model.think(.ask("one"), steps: 3).latent
        let second = try await model.think(.ask("second"), steps: 2).latent
        let joined = try await model.append(first, second)
        #expect(joined.rows == first.rows + second.rows)
        #expect(joined.nextPosition == joined.rows)
        let both = try await model.complete(.ask("say", context: [first, second])).logical
        #expect(both == (try await model.complete(.ask("say", context: [joined])).logical))
        #expect(both != (try await model.complete(.ask("say", context: [second, first])).logical))
        #expect(joined != (try await model.append(second, first)))
    }

    @Test func `latents join, merge, shrink and come back as caches do`() async throws {
        let model = try await Self.engine()
        let base = try await model.think(.ask("base"), steps: 2).latent
        let branches = [
            try await model.think(.ask("left", context: [base]), steps: 3).latent,
            try await model.think(.ask("right", context: [base]), steps: 4).latent,
        ]
        let caches = try await branches.asyncMap { try await model.model.restoreCache(model.bytes(of: $0)) }
        let root = try await model.model.restoreCache(model.bytes(of: base))

        let appended = try await model.append(branches[0], branches[1])
        #expect(appended.digest == (try caches[0].appending(caches[1]).contentHash))
        let selected = try await model.select(branches[0], rows: [0, 2, 5])
        #expect(selected.digest == (try caches[0].select([0, 2, 5]).contentHash))
        #expect(selected.rows == 3)
        #expect(selected.nextPosition == 3)
        let beside = try await model.merge(base: nil, branches: branches)
        #expect(beside.digest == (try caches[0].appending(caches[1]).contentHash))

        let merged = try await model.merge(base: base, branches: branches)
        #expect(merged.rows == base.rows + branches.reduce(0) { $0 + $1.rows - base.rows })
        let suffix = try caches[1].select(Array(root.count..<caches[1].count), positions: .keep)
        #expect(merged.digest == (try caches[0].appending(suffix).contentHash))

        for latent in [base, appended, selected, merged] + branches {
            let bytes = try await model.bytes(of: latent)
            #expect(SHA256Digest(hashing: bytes) == latent.digest)
            // Bytes tell what there is, not how much of it its maker had in mind.
            var bare = latent
            bare.contextRows = 0
            #expect(try await model.restore(bytes) == bare)
            // In another process, too, it is the same latent.
            let other = try await Self.engine()
            #expect(try await other.restore(bytes) == bare)
            let question = ModelRequest.ask("say", context: [latent])
            #expect(try await other.complete(question).logical == (try await model.complete(question).logical))
        }
    }

    /// After a resume, a base and its continuations have come back from bytes and share no memory.
    @Test func `branches merge on a base of equal content`() async throws {
        let model = try await Self.engine()
        let base = try await model.think(.ask("base"), steps: 2).latent
        let left = try await model.think(.ask("left", context: [base]), steps: 3).latent
        let right = try await model.think(.ask("right", context: [base]), steps: 4).latent
        let merged = try await model.merge(base: base, branches: [left, right])
        let other = try await Self.engine()
        for latent in [right, base, left] { _ = try await other.restore(model.bytes(of: latent)) }
        let again = try await other.merge(base: base, branches: [left, right])
        #expect(again == merged)
        let question = ModelRequest.ask("say", context: [merged])
        #expect(try await other.complete(question).logical == (try await model.complete(question).logical))

        let stranger = try await model.think(.ask("stranger"), steps: 30).latent
        let error = await #expect(throws: ModelError.self) {
            try await model.merge(base: base, branches: [left, stranger])
        }
        #expect(error?.code == .cacheShape)
        #expect(
            error?.message
                == "KV cache: branch 1 does not begin with the \(base.rows) rows of the base it is merged on")
    }

    @Test func `the last hold that is given up frees the memory`() async throws {
        let model = try await Self.engine()
        #expect(await model.model.usedMemory == 0)
        let latent = try await model.think(.ask("think"), steps: 10).latent
        let used = await model.model.usedMemory
        #expect(used > 0)
        // Equal thoughts are one latent with two holds.
        #expect(try await model.think(.ask("think"), steps: 10).latent == latent)
        #expect(await model.model.usedMemory == used)
        #expect(await model.retain(latent))
        for _ in 0..<2 {
            await model.release(latent)
            #expect(await model.model.usedMemory == used)
        }
        await model.release(latent)
        #expect(await model.model.usedMemory == 0)
        #expect(await model.retain(latent) == false)
        // One too many does nothing.
        await model.release(latent)
        let back = try await model.think(.ask("think"), steps: 10).latent
        #expect(back == latent)
        #expect(try await model.bytes(of: back).count > back.byteCount)
    }

    @Test func `a latent that is not here is named`() async throws {
        let model = try await Self.engine()
        let latent = try await model.think(.ask("think"), steps: 1).latent
        await model.release(latent)
        let error = await #expect(throws: ModelError.self) {
            try await model.complete(.ask("say", context: [latent]))
        }
        #expect(error?.code == .unknownLatent)
        #expect(
            error?.description == """
                latent message \(latent.digest.description.prefix(16)) of \(latent.rows) rows is not held by model tiny
                hint: it was released as often as it was given out: hold it for longer, restore its bytes, or compute \
                it again
                """)
        for operation in Self.operations(on: latent) {
            let error = await #expect(throws: ModelError.self) { try await operation(model) }
            #expect(error?.code == .unknownLatent)
        }
    }

    @Test func `a latent of another model is refused, and both are named`() async throws {
        let model = try await Self.engine()
        let other = try await TinyChat(weights: "qwen3").engine(name: "other")
        let latent = try await other.think(.ask("think"), steps: 1).latent
        let error = await #expect(throws: ModelError.self) {
            try await model.complete(.ask("say", context: [latent]))
        }
        #expect(error?.code == .fingerprintMismatch)
        #expect(
            error?.description == """
                latent message \(latent.digest.description.prefix(16)) made by model \
                \(other.identity.fingerprint.prefix(16)) cannot be read by model \
                \(model.identity.fingerprint.prefix(16))
                hint: compute the latent again with this model, or exchange text between different models
                """)
        for operation in Self.operations(on: latent) {
            let error = await #expect(throws: ModelError.self) { try await operation(model) }
            #expect(error?.code == .fingerprintMismatch)
        }
        #expect(await model.retain(latent) == false)
        await model.release(latent)
        let bytes = try await other.bytes(of: latent)
        let restored = await #expect(throws: ModelError.self) { try await model.restore(bytes) }
        #expect(restored?.code == .fingerprintMismatch)
        let damaged = await #expect(throws: ModelError.self) { try await other.restore(bytes.dropLast(1) + []) }
        #expect(damaged?.code == .cacheFormat)
    }

    /// Everything that needs a latent to be here.
    private static func operations(
        on latent: LatentHandle
    ) -> [@Sendable (EngineModel) async throws -> Void] {
        [
            { _ = try await $0.think(.ask("on", context: [latent]), steps: 1) },
            { _ = try await $0.append(latent, latent) },
            { _ = try await $0.merge(base: latent, branches: []) },
            { _ = try await $0.merge(base: nil, branches: [latent]) },
            { _ = try await $0.select(latent, rows: [0]) },
            { _ = try await $0.bytes(of: latent) },
        ]
    }
}

extension Array {
    /// The results of an operation on each element, one after another.
    fileprivate func asyncMap<Result>(_ operation: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await operation(element)) }
        return results
    }
}
