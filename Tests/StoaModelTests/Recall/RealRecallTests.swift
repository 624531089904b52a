import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

extension RealModelTests {
    /// What a reader has in mind, on real weights: acceptance tests L3, L6, L7, L8 and L10.
    @Suite struct RealRecallTests {
        private static func engine(_ precision: Precision = .fast) async throws -> EngineModel {
            EngineModel(try await RealModel.smollm2.shared(precision), name: "smollm2")
        }

        /// An engine that shares nothing with the others.
        private static func fresh(_ precision: Precision = .fast) async throws -> EngineModel {
            EngineModel(try await RealModel.smollm2.load(precision) { $0.prefixMemory = 0 }, name: "smollm2")
        }

        private static let plan = "A train leaves at 9:40 and arrives at 12:05. Plan how to find how long it travels."

        @Test(arguments: Precision.allCases)
        func `a latent is the same in a fresh engine (L3)`(_ precision: Precision) async throws {
            let model = try await Self.engine(precision)
            let thought = try await model.think(.ask(Self.plan), steps: 5).latent
            let bytes = try await model.bytes(of: thought)
            #expect(SHA256Digest(hashing: bytes) == thought.digest)
            let other = try await Self.fresh(precision)
            let restored = try await other.restore(bytes)
            #expect(restored == thought)
            #expect(try await other.bytes(of: restored) == bytes)
            let question = ModelRequest.ask("How long?", context: [thought], tokens: 8)
            let (here, there) = (try await model.complete(question), try await other.complete(question))
            #expect(here.logical == there.logical)
            let outputs = OutputRequest(logits: .last)
            let prompt = here.promptTokens.inputs
            let left = try await model.model.probe(prompt, from: try await model.cache(thought), outputs: outputs)
            let right = try await other.model.probe(prompt, from: try await other.cache(restored), outputs: outputs)
            #expect(sameBits(left.rows.compactMap(\.logits), right.rows.compactMap(\.logits)))
            await model.release(thought)
        }

        @Test func `an isolated expert has the same bytes whether or not another ran (L7)`() async throws {
            let alone = try await Self.fresh()
            let shared = try await Self.engine()
            var digests: [SHA256Digest] = []
            for (model, hasCompany) in [(alone, false), (shared, true)] {
                let base = try await model.think(.ask(Self.plan), steps: 3).latent
                async let second = model.think(.ask("As a conductor.", context: [base]), steps: 4)
                let one =
                    hasCompany ? try await model.think(.ask("As a mathematician.", context: [base]), steps: 4) : nil
                let two = try await second
                digests.append(two.latent.digest)
                guard let one else { continue }
                let chained = try await model.think(.ask("As a conductor.", context: [one.latent]), steps: 4).latent
                let (apart, behind) = (try await model.cache(two.latent), try await model.cache(chained))
                // The same words and steps behind another expert are other rows, already in the second layer.
                #expect(apart.keys(row: apart.count - 1, slot: 1) != behind.keys(row: behind.count - 1, slot: 1))
                let merged = try await model.complete(
                    .ask("How long?", context: [one.latent, two.latent], tokens: 4) {
                        $0.base = base
                        $0.keepsLatent = true
                    })
                #expect(merged.latent?.contextRows == one.latent.rows + two.latent.rows - base.rows)
                for latent in [base, one.latent, two.latent, chained] + [merged.latent].compactMap({ $0 }) {
                    await model.release(latent)
                }
            }
            #expect(digests.count == 2)
            #expect(digests[0] == digests[1])
        }

        @Test func `a reader has in mind what it is told to (L8, L10)`() async throws {
            let model = try await Self.engine()
            let thought = try await model.think(.ask(Self.plan), steps: 6).latent
            let whole = try await model.cache(thought)
            let prompt = thought.rows - 6
            let half = LatentPruning(fraction: 0.5)
            let looked = LatentPruning(score: .attention, fraction: 0.5)
            var replies: [[TokenLogProbability]] = []
            let cases: [(recall: LatentRecall, rows: Int)] = [
                (LatentRecall(), thought.rows), (LatentRecall(rows: .latents), 4 + 6),
                (LatentRecall(rows: .latents, positions: .keep), 4 + 6), (LatentRecall(rows: .prompts), prompt),
                (LatentRecall(rows: .text), 4), (LatentRecall(rows: .text, sink: 0), 0),
                (LatentRecall(pruning: half, sink: 0), thought.rows / 2),
                (LatentRecall(pruning: looked, sink: 0), thought.rows / 2),
            ]
            for (recall, rows) in cases {
                let reply = try await model.complete(
                    .ask("How long?", context: [thought], tokens: 4) {
                        $0.recall = recall
                        $0.keepsLatent = true
                        $0.sampling.temperature = 0
                    })
                let latent = try #require(reply.latent)
                #expect(latent.contextRows == rows, "\(recall)")
                let cache = try await model.cache(latent)
                // Kept rows lie together or where they were; the sink is the first of them.
                let first: [Int32] = (0..<Int32(rows)).map { row in
                    recall.positions == .keep && row >= 4 ? row - 4 + Int32(prompt) : row
                }
                #expect(Array(cache.positions[..<rows]) == first)
                #expect(cache.positions[rows] == (recall.positions == .keep ? whole.nextPosition : Int32(rows)))
                for row in 0..<min(rows, recall.sink) {
                    #expect(cache.keys(row: row, slot: 29) == whole.keys(row: row, slot: 29))
                }
                replies.append(reply.logProbabilities)
                await model.release(latent)
            }
            // What is in mind matters, down to the first token.
            #expect(Set(replies.map { $0.first }).count == cases.count)
            let alone = try await model.complete(.ask("How long?", tokens: 4) { $0.sampling.temperature = 0 })
            #expect(replies[5] == alone.logProbabilities)
            await model.release(thought)
        }

        @Test(arguments: RealModel.allCases)
        func `all attention goes somewhere, the same whatever runs it`(_ real: RealModel) async throws {
            let (context, prompt) = (
                sampleTokens(150, seed: 51, vocabulary: 40000), sampleTokens(30, seed: 52, vocabulary: 40000)
            )
            var seen: Set<[UInt64]> = []
            for (threads, rows) in [(2, 64), (1, 24)] {
                let model = try await real.load(.fast) {
                    $0.threads = threads
                    $0.passRows = rows
                }
                // Gemma rests it on its own first token, not on whatever comes first.
                let first = try #require(try await model.tokenizer().special.bos)
                let cache = try await model.prefill(([first] + context).inputs)
                let all = Double(model.information.layers * model.information.heads)
                let kept = try await model.probe(prompt.inputs, from: cache, outputs: OutputRequest(attention: 16))
                for row in kept.rows { #expect(abs(row.attention.reduce(0, +) - all) < 1e-4 * all) }
                let mass = try await model.attentionMass(of: prompt, over: cache).mass
                seen.insert(mass.map(\.bitPattern))
                // No row gets more of it than the first.
                #expect(mass.max() == mass[0])
            }
            #expect(seen.count == 1)
        }

        /// Every other row of 1200 is kept; layer 0 is local, and the query sees the last 511 positions before it.
        @Test(arguments: [(SelectionPositions.compact, 89), (.keep, 345)])
        func `windows look at rows where they are after a selection (L6)`(
            _ positions: SelectionPositions, _ oldest: Int
        ) async throws {
            let engine = try await RealModel.gemma3.shared(.fast)
            let whole = try await engine.prefill(sampleTokens(1200, seed: 53, vocabulary: 200_000).inputs)
            let kept = try whole.select(Array(stride(from: 0, to: 1200, by: 2)), positions: positions)
            #expect(kept.count == 600)
            let outputs = OutputRequest(hidden: .all, residuals: [0])
            func layer(_ cache: KVCache) async throws -> [[Float]] {
                try await engine.probe([.token(TokenID(1000))], from: cache, outputs: outputs).rows.map {
                    $0.residuals[0]
                }
            }
            func from(_ row: Int) throws -> KVCache { try kept.select(Array(row..<600), positions: .keep) }
            let found = try await layer(kept)
            let scale = found.joined().reduce(0) { max($0, abs($1)) }
            let visible = try await layer(from(oldest))
            let blind = try await layer(from(oldest + 1))
            #expect(largestDifference(found, visible) < 1e-6 * scale)
            #expect(largestDifference(found, blind) > 1e-6 * scale)
        }
    }
}
