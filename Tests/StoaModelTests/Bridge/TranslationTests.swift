import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Latent messages between different models of one engine.
@Suite struct TranslationTests {
    private static func engines(_ precision: Precision = .fast) async throws -> (from: EngineModel, to: EngineModel) {
        (
            try await TinyChat(weights: "llama").engine(precision, name: "tiny-llama"),
            try await TinyChat(weights: "qwen2").engine(precision, name: "tiny-qwen")
        )
    }

    @Test(arguments: Precision.allCases)
    func `a translated thought is what the map makes of its hidden states`(_ precision: Precision) async throws {
        let (from, to) = try await Self.engines(precision)
        let thought = try await from.think(.ask("plan"), steps: 5)
        let translated = try await to.translate(thought.latent, from: from)
        #expect(translated.modelFingerprint == to.identity.fingerprint)
        #expect(translated.segments == [LatentHandle.Segment(author: "tester", origin: "latent", rows: 5)])
        #expect(translated.nextPosition == 5)

        // The same by hand: the states behind the vectors that were fed, over the bridge, read by the other model.
        let direct = try await from.model.think(thought.promptTokens.inputs, steps: 5, author: "tester")
        let bridge = try await to.bridge(from: from)
        let norm = await to.model.meanEmbeddingNorm
        var inputs: [ModelInput] = []
        for vector in direct.vectors {
            // A vector is its state rescaled, and the map is linear: the two become the same vector.
            let mapped = bridge.map(vector, norm: norm)
            let length = mapped.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(length / Double(norm) - 1) < 1e-6)
            inputs.append(.embedding(mapped))
        }
        let cache = try await to.model.restoreCache(await to.bytes(of: translated))
        let request = OutputRequest(logits: .last)
        let found = try await to.model.probe([.token(TokenID(20))], from: cache, outputs: request).rows.last?.logits
        let behind = try await to.model.prefill(inputs)
        let wanted = try await to.model.probe([.token(TokenID(20))], from: behind, outputs: request).rows.last?.logits
        let difference = largestDifference([try #require(found)], [try #require(wanted)])
        #expect(difference < (precision == .exact ? 1e-3 : 0.1))

        // It is in mind when its reader speaks, and it is the reader's own latent now.
        let reply = try await to.complete(.ask("say", context: [translated]))
        #expect(reply.logProbabilities != (try await to.complete(.ask("say"))).logProbabilities)
        #expect(try await to.translate(thought.latent, from: from) == translated)
        await #expect(throws: ModelError.self) { try await from.complete(.ask("say", context: [translated])) }
    }

    @Test func `the scale of the reader's embeddings is part of the map`() async throws {
        let model = try await TinyChat(weights: "gemma3").engine(.exact, name: "tiny-gemma")
        let bridge = try await model.bridge(from: model)
        // A tied model: output rows are the unscaled input rows, and these are scaled by the root of the width, 32.
        let unit = (0..<bridge.inputs).map { $0 == 3 ? 1 as Float : 0 }
        #expect(largestDifference([bridge.project(unit)], [unit.map { $0 * Float(32).squareRoot() }]) < 0.05)
    }

    @Test func `what cannot be translated says why`() async throws {
        let (from, to) = try await Self.engines()
        let read = try await from.think(.ask("plan"), steps: 0).latent
        var error = await #expect(throws: ModelError.self) { try await to.translate(read, from: from) }
        #expect(error?.code == .untranslatable)
        #expect(error?.message.contains("its rows are \(read.rows) prompt") == true)
        let gone = try await from.think(.ask("plan"), steps: 2).latent
        await from.release(gone)
        error = await #expect(throws: ModelError.self) { try await to.translate(gone, from: from) }
        #expect(error?.code == .unknownLatent)
        error = await #expect(throws: ModelError.self) { try await to.translate(read, from: ClosedModel()) }
        #expect(error?.code == .untranslatable)
        #expect(error?.message.contains("model closed cannot be mapped to model tiny-qwen") == true)
    }
}

/// A model that exchanges latents, but not with this engine.
private struct ClosedModel: LatentModel {
    struct Unused: Error {}

    let identity = ModelIdentity(name: "closed", provider: .engine, fingerprint: "0")
    let concurrency = 1

    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply { throw Unused() }

    func think(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply { throw Unused() }

    func translate(_ latent: LatentHandle, from source: any LatentModel) async throws -> LatentHandle {
        throw Unused()
    }

    func retain(_ latent: LatentHandle) async -> Bool { false }
    func release(_ latent: LatentHandle) async {}
    func append(_ first: LatentHandle, _ second: LatentHandle) async throws -> LatentHandle { throw Unused() }
    func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle { throw Unused() }
    func select(_ latent: LatentHandle, rows: [Int]) async throws -> LatentHandle { throw Unused() }
    func bytes(of latent: LatentHandle) async throws -> [UInt8] { throw Unused() }
    func restore(_ bytes: [UInt8]) async throws -> LatentHandle { throw Unused() }
}
