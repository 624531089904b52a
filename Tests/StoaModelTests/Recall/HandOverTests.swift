import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Handing over through the engine as agents see it: acceptance tests L3, L7, L8, L10 and L13.
@Suite struct HandOverTests {
    @Test(arguments: Precision.allCases)
    func `a latent is the same in a fresh engine (L3)`(_ precision: Precision) async throws {
        let scene = try await RecallScene(try await TinyChat().engine(precision))
        let question = scene.question(onBase: true, LatentRecall(rows: .own))
        let expected = try await scene.model.complete(question)
        var stored: [[UInt8]] = []
        for latent in [scene.base, scene.thinker, scene.speaker] {
            stored.append(try await scene.model.bytes(of: latent))
            #expect(SHA256Digest(hashing: stored[stored.count - 1]) == latent.digest)
        }
        let other = try await TinyChat().engine(precision)
        for bytes in stored {
            let restored = try await other.restore(bytes)
            #expect(try await other.bytes(of: restored) == bytes)
        }
        #expect(try await other.complete(question).logical == expected.logical)
    }

    @Test(arguments: Precision.allCases)
    func `an isolated expert has the same bytes whether or not another ran (L7)`(_ precision: Precision) async throws {
        func second(afterFirst: Bool) async throws -> LatentHandle {
            let model = try await TinyChat().engine(precision)
            let base = try await model.think(.ask("the plan"), steps: 5).latent
            if afterFirst { _ = try await model.think(.ask("left", context: [base]), steps: 4) }
            return try await model.think(.ask("right", context: [base]), steps: 4).latent
        }
        #expect(try await second(afterFirst: true) == second(afterFirst: false))
        // In a chain the second has the first in mind, and so depends on what that was told.
        func chained(_ first: String) async throws -> [Float] {
            let model = try await TinyChat().engine(precision)
            let base = try await model.think(.ask("the plan"), steps: 5).latent
            let one = try await model.think(.ask(first, context: [base]), steps: 4).latent
            let two = try await model.think(.ask("right", context: [one]), steps: 4).latent
            let cache = try await model.cache(two)
            #expect(two.contextRows == one.rows)
            return (two.contextRows..<two.rows).flatMap { cache.keys(row: $0, slot: 1) }
        }
        #expect(try await chained("left") != chained("lift"))
        #expect(try await chained("left") == chained("left"))
    }

    /// With nobody's base, experts move as a whole, so all distances stay as they were.
    @Test func `experts behind one another equal a pass with a block mask (L7)`() async throws {
        let model = try await TinyChat().engine(.exact)
        let first = try await model.read(.ask("a"))
        let second = try await model.read(.ask("bc"))
        let reader = try await model.read(.ask("d", context: [first.latent, second.latent]))
        let tokens = [first, second, reader].map(\.promptTokens)
        let (one, two) = (tokens[0].count, tokens[0].count + tokens[1].count)
        let all = tokens.flatMap { $0 }
        let mask = AttentionMask(
            rows: all.indices.map { row in
                all.indices.map { $0 <= row && !(one..<two ~= row && $0 < one) }
            })
        let oracle = try await model.model.probe(all.inputs, outputs: OutputRequest(logits: .all), mask: mask)
        let joined = try await model.cache(first.latent).appending(try await model.cache(second.latent))
        let found = try await model.model.probe(tokens[2].inputs, from: joined, outputs: OutputRequest(logits: .all))
        #expect(
            largestDifference(found.rows.compactMap(\.logits), oracle.rows[two...].compactMap(\.logits)) < 1e-4)
        #expect(found.cache.positions == oracle.cache.positions)
        // And this is what the reader read.
        #expect(try await model.digest(of: tokens[2], behind: joined) == reader.latent.digest)
    }

    /// Where no row moves, and sums fall into the same lanes, the bits are equal: the first expert has 16 rows.
    @Test(arguments: ReproducibilityTests.cases)
    func `experts that stay where they are equal a pass with a block mask, bit for bit (L7)`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let model = try await tiny.load(precision) { $0.passRows = 128 }
        let tokens = sampleTokens(51, seed: 41, vocabulary: 96)
        let root = try await model.prefill(Array(tokens[..<20]).inputs)
        let one = try await model.prefill(Array(tokens[20..<36]).inputs, from: root)
        let two = try await model.prefill(Array(tokens[36..<45]).inputs, from: root)
        let merged = try KVCache.merge(base: root, branches: [one, two], positions: .keep)
        let positions = merged.positions + (0..<6).map { merged.nextPosition + $0 }
        let mask = AttentionMask(
            rows: tokens.indices.map { row in
                tokens.indices.map { $0 <= row && !(36..<45 ~= row && 20..<36 ~= $0) }
            })
        let outputs = OutputRequest(logits: .all)
        let oracle = try await model.probe(tokens.inputs, outputs: outputs, positions: positions, mask: mask)
        let found = try await model.probe(Array(tokens[45...]).inputs, from: merged, outputs: outputs)
        #expect(sameBits(found.rows.compactMap(\.logits), oracle.rows[45...].compactMap(\.logits)))
        #expect(found.cache.contentHash == oracle.cache.contentHash)
    }

    @Test(arguments: Precision.allCases)
    func `thoughts alone are the sink and as many rows as there were steps (L8)`(_ precision: Precision) async throws {
        let model = try await TinyChat().engine(precision)
        let thought = try await model.think(.ask("think"), Thinking(steps: 6, isTraced: true)) { _ in }
        let reader = try await model.read(
            .ask("say", context: [thought.latent]) { $0.recall = LatentRecall(rows: .latents) })
        #expect(reader.latent.contextRows == 4 + 6)
        let found = try await model.cache(reader.latent)
        #expect(found.positions == (0..<Int32(found.count)).map { $0 })
        let inputs = Array(thought.promptTokens[..<4]).inputs + thought.vectors.map { .embedding($0) }
        let fresh = try await model.model.prefill(inputs)
        let slots = 0..<model.model.information.layers
        for row in 0..<10 {
            #expect(found.keys(row: row, slot: 0) == fresh.keys(row: row, slot: 0))
            #expect(found.values(row: row, slot: 0) == fresh.values(row: row, slot: 0))
        }
        // Deeper rows keep what they saw of the prompt.
        for row in 4..<10 {
            #expect(found.keys(row: row, slot: slots.last ?? 0) != fresh.keys(row: row, slot: slots.last ?? 0))
        }
    }

    @Test(arguments: Precision.allCases)
    func `a thought of no steps is in mind all the same (L10)`(_ precision: Precision) async throws {
        let model = try await TinyChat().engine(precision)
        let thought = try await model.think(.ask("the plan"), steps: 0)
        #expect(thought.latent.rows == thought.promptTokens.count)
        let judge = ModelRequest.ask("say", context: [thought.latent], seed: 2) { $0.keepsLatent = true }
        let reply = try await model.complete(judge)
        let alone = try await model.complete(.ask("say", seed: 2) { $0.keepsLatent = true })
        #expect(reply.latent?.contextRows == thought.latent.rows)
        #expect(alone.latent?.contextRows == 0)
        #expect(reply.promptTokens == alone.promptTokens)
        #expect(reply.logProbabilities.first != alone.logProbabilities.first)
    }

    @Test(arguments: ["weights", "tokenizer", "adapter", "precision"])
    func `memory of another model is refused, and both are named (L13)`(_ part: String) async throws {
        let model = try await TinyChat().engine(.exact)
        let latent = try await model.think(.ask("think"), steps: 2).latent
        let bytes = try await model.bytes(of: latent)
        let own = model.model.information.fingerprint
        var other = own
        switch part {
        case "weights": other.weights = String(repeating: "ab", count: 32)
        case "tokenizer": other.tokenizer = String(repeating: "cd", count: 32)
        case "adapter": other.adapter = String(repeating: "ef", count: 32)
        default: other.precision = .fast
        }
        func spelt(_ fingerprint: ModelFingerprint) -> [String] {
            [
                "\"weights\":\"\(fingerprint.weights)\"", "\"tokenizer\":\"\(fingerprint.tokenizer)\"",
                "\"adapter\":" + (fingerprint.adapter.map { "\"\($0)\"" } ?? "null"),
                "\"precision\":\"\(fingerprint.precision.rawValue)\"",
            ]
        }
        let end = try #require(bytes.firstIndex(of: 0))
        var header = String(decoding: bytes[..<end], as: UTF8.self)
        for (mine, theirs) in zip(spelt(own), spelt(other)) { header = header.replacing(mine, with: theirs) }
        let foreign = Array(header.utf8) + bytes[end...]
        #expect(foreign != bytes)
        let error = await #expect(throws: ModelError.self) { try await model.restore(foreign) }
        #expect(error?.code == .fingerprintMismatch)
        #expect(error?.message.contains(own.description) == true)
        #expect(error?.message.contains(other.description) == true)
        #expect(error?.message.hasSuffix("different \(part)") == true, "\(error?.message ?? "")")
        // As a handle, too.
        var handle = latent
        handle.modelFingerprint = other.digest.description
        let refused = await #expect(throws: ModelError.self) {
            try await model.complete(.ask("say", context: [handle]))
        }
        #expect(refused?.code == .fingerprintMismatch)
        #expect(refused?.message.contains(own.digest.description.prefix(16)) == true)
        #expect(refused?.message.contains(other.digest.description.prefix(16)) == true)
    }
}
