import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Which rows of the latents before a conversation its reader has in mind.
@Suite struct ContextResolutionTests {
    private static func scene(_ precision: Precision = .fast) async throws -> RecallScene {
        try await RecallScene(try await TinyChat().engine(precision))
    }

    /// Recalls without pruning, with the rows that each must keep.
    private static let recalls: [LatentRecall] = LatentRecall.Rows.allCases.flatMap { rows in
        [nil, ["speaker"], ["planner", "thinker"], ["nobody"]].flatMap { authors in
            [(0, LatentRecall.Positions.compact), (4, .compact), (4, .keep), (1000, .keep)].map { sink, positions in
                LatentRecall(rows: rows, authors: authors, sink: sink, positions: positions)
            }
        }
    }

    @Test(arguments: [false, true])
    func `rows are kept by kind and author, and the first ones always`(_ onBase: Bool) async throws {
        let scene = try await Self.scene()
        let rows = scene.rows(onBase: onBase)
        let joined = try await scene.joined(onBase: onBase)
        #expect(rows.count == joined.count)
        var kept: Set<[Int]> = []
        for recall in Self.recalls {
            let expected = rows.indices.filter { index in
                let row = rows[index]
                let isKind =
                    switch recall.rows {
                    case .full: true
                    case .own: row.isOwn
                    case .thought: row.isOwn && row.origin == "latent"
                    case .latents: row.origin == "latent"
                    case .prompts: row.origin == "prompt"
                    case .text: row.origin == "text"
                    }
                return index < recall.sink || (isKind && recall.authors?.contains(row.author) ?? true)
            }
            kept.insert(expected)
            let cache =
                expected.count == joined.count
                ? joined : try joined.select(expected, positions: recall.positions.selection)
            let found = try await scene.model.read(scene.question(onBase: onBase, recall))
            #expect(
                try await scene.model.digest(of: found.promptTokens, behind: cache) == found.latent.digest, "\(recall)")
            #expect(found.latent.contextRows == expected.count)
            #expect(found.latent.nextPosition == Int(cache.nextPosition) + found.promptTokens.count)
            await scene.model.release(found.latent)
        }
        #expect(kept.count > 15, "the recalls must differ")
    }

    @Test(arguments: Precision.allCases)
    func `everything that is kept is the cache itself`(_ precision: Precision) async throws {
        let scene = try await Self.scene(precision)
        let used = await scene.model.model.usedMemory
        let page = 32 * scene.base.byteCount / scene.base.rows
        let all = [
            LatentRecall(), LatentRecall(sink: 0, positions: .keep),
            LatentRecall(authors: ["planner", "thinker", "speaker"]), LatentRecall(sink: 1000, positions: .keep),
            LatentRecall(pruning: LatentPruning(fraction: 1)),
            LatentRecall(pruning: LatentPruning(score: .attention, fraction: 0.1, least: 1000)),
        ]
        var digests: Set<SHA256Digest> = []
        for recall in all {
            let request = scene.question(onBase: true, recall)
            let found = try await scene.model.read(request)
            digests.insert(found.latent.digest)
            // Rows of the latents are shared, not copied: only the conversation's own take memory.
            let pages = (found.promptTokens.count + 31) / 32
            #expect(await scene.model.model.usedMemory <= used + pages * page)
            await scene.model.release(found.latent)
        }
        #expect(digests.count == 1)
    }

    @Test func `nothing in mind is as good as no latents`() async throws {
        let scene = try await Self.scene()
        let nothing = LatentRecall(authors: ["nobody"], sink: 0)
        var alone = try await scene.model.complete(.ask("judge")).logical
        #expect(alone.contextRows == nil)
        // There were latents, of which no row was kept.
        alone.contextRows = 0
        #expect(try await scene.model.complete(scene.question(onBase: false, nothing)).logical == alone)
        // A transcript begins with its first token where nothing is in mind, and only there.
        let base = try await RecallScene(try await TinyChat(template: nil).engine())
        let found = try await base.model.complete(base.question(onBase: false, nothing)).promptTokens
        #expect(found == (try await base.model.complete(.ask("judge")).promptTokens))
        // The conversation comes where it would have come.
        let gap = LatentRecall(authors: ["nobody"], sink: 0, positions: .keep)
        let late = try await scene.model.read(scene.question(onBase: false, gap))
        #expect(late.latent.rows == late.promptTokens.count)
        #expect(late.latent.nextPosition == scene.thinker.rows + scene.speaker.rows + late.promptTokens.count)
    }

    @Test func `a base alone is in mind as it is`() async throws {
        let scene = try await Self.scene()
        let found = try await scene.model.read(.ask("judge") { $0.base = scene.base })
        let expected = try await scene.model.read(.ask("judge", context: [scene.base]))
        #expect(found.latent == expected.latent)
    }

    @Test func `branches merge on their base whether or not they share its memory`() async throws {
        let scene = try await Self.scene()
        let expected = try await scene.model.complete(scene.question(onBase: true, LatentRecall())).logical
        let merged = try await scene.model.merge(base: scene.base, branches: [scene.thinker, scene.speaker])
        #expect(try await scene.model.complete(.ask("judge", context: [merged])).logical == expected)
        let other = try await TinyChat().engine()
        for latent in [scene.speaker, scene.thinker, scene.base] {
            _ = try await other.restore(scene.model.bytes(of: latent))
        }
        #expect(try await other.complete(scene.question(onBase: true, LatentRecall())).logical == expected)
        let own = scene.question(onBase: true, LatentRecall(rows: .own))
        #expect(try await other.complete(own).logical == (try await scene.model.complete(own).logical))
    }

    @Test func `a latent that does not begin with the base is named with it`() async throws {
        let scene = try await Self.scene()
        let stray = try await scene.model.think(.ask("something else"), steps: 30).latent
        let request = ModelRequest.ask("judge", context: [scene.thinker, stray]) { $0.base = scene.base }
        let error = await #expect(throws: ModelError.self) { try await scene.model.complete(request) }
        #expect(error?.code == .cacheShape)
        #expect(
            error?.message == """
                latent message \(stray.digest.description.prefix(16)) of \(stray.rows) rows does not begin with the \
                \(scene.base.rows) rows of latent message \(scene.base.digest.description.prefix(16)), its base
                """)
        // A shorter one can't begin with it either.
        let short = ModelRequest.ask("judge", context: [scene.base]) { $0.base = scene.thinker }
        await #expect(throws: ModelError.self) { try await scene.model.read(short) }
        // A base of another model is refused like any latent.
        let other = try await RecallScene(try await TinyChat(weights: "qwen3").engine(name: "other"))
        let foreign = await #expect(throws: ModelError.self) {
            try await scene.model.complete(.ask("judge", context: [scene.thinker]) { $0.base = other.base })
        }
        #expect(foreign?.code == .fingerprintMismatch)
        #expect(foreign?.message.contains(scene.model.identity.fingerprint.prefix(16)) == true)
        #expect(foreign?.message.contains(other.model.identity.fingerprint.prefix(16)) == true)
    }

    @Test(arguments: [-0.1, 1.01, .nan, .infinity])
    func `a fraction that is none is refused`(_ fraction: Double) async throws {
        let model = try await TinyChat().engine()
        let request = ModelRequest.ask("judge") { $0.recall.pruning = LatentPruning(fraction: fraction) }
        let error = await #expect(throws: ModelError.self) { try await model.complete(request) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.contains("expected 0 to 1, found \(fraction)") == true)
    }

    @Test func `counts below nothing are refused`() async throws {
        let model = try await TinyChat().engine()
        for recall in [LatentRecall(sink: -1), LatentRecall(pruning: LatentPruning(least: -1))] {
            let error = await #expect(throws: ModelError.self) {
                try await model.complete(.ask("judge") { $0.recall = recall })
            }
            #expect(error?.code == .invalidRequest)
            #expect(error?.message.contains("-1") == true)
        }
    }
}
