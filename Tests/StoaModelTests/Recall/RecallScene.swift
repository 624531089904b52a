import StoaCore
import StoaModel
import StoaTestKit
import Testing

extension EngineModel {
    /// What a reader of the request has in mind, read from outside: the latent that reading the conversation leaves.
    func read(_ request: ModelRequest) async throws -> LatentReply { try await think(request, steps: 0) { _ in } }

    /// The digest of what reading a prompt behind a cache leaves.
    func digest(of prompt: [TokenID], behind cache: KVCache?, author: String = "tester") async throws -> SHA256Digest {
        try await model.prefill(prompt.inputs, from: cache, author: author).contentHash
    }

    /// A latent as a cache.
    func cache(_ latent: LatentHandle) async throws -> KVCache {
        try await model.restoreCache(bytes(of: latent))
    }
}

extension LatentRecall.Positions {
    var selection: SelectionPositions { self == .compact ? .compact : .keep }
}

/// Three latents on one model: a plan (prompt and thought), and two experts that had it in mind, one of which spoke.
struct RecallScene {
    let model: EngineModel
    let base: LatentHandle
    let thinker: LatentHandle
    let speaker: LatentHandle

    init(_ model: EngineModel) async throws {
        self.model = model
        func ask(_ question: String, _ author: String, _ context: [LatentHandle]) -> ModelRequest {
            .ask(question, context: context, seed: 3, tokens: 7) {
                $0.author = author
                $0.ignoresEndOfTurn = true
                $0.keepsLatent = true
            }
        }
        base = try await model.think(ask("the plan", "planner", []), steps: 5).latent
        thinker = try await model.think(ask("left", "thinker", [base]), steps: 4).latent
        speaker = try #require(try await model.complete(ask("right side", "speaker", [base])).latent)
    }

    /// A question with both experts in mind.
    func question(onBase: Bool, _ recall: LatentRecall) -> ModelRequest {
        .ask("judge", context: [thinker, speaker]) {
            $0.base = onBase ? base : nil
            $0.recall = recall
        }
    }

    /// Every row of what the question has in mind: who wrote it, what it is, and whether its maker added it itself.
    func rows(onBase: Bool) -> [(author: String, origin: String, isOwn: Bool)] {
        func rows(_ latent: LatentHandle, from first: Int) -> [(String, String, Bool)] {
            let all = latent.segments.flatMap { segment in
                (0..<segment.rows).map { _ in (segment.author, segment.origin) }
            }
            return all.enumerated().dropFirst(first).map { ($1.0, $1.1, $0 >= latent.contextRows) }
        }
        guard onBase else { return rows(thinker, from: 0) + rows(speaker, from: 0) }
        return rows(base, from: 0).map { ($0.0, $0.1, false) } + rows(thinker, from: base.rows)
            + rows(speaker, from: base.rows)
    }

    /// All of it as one cache.
    func joined(onBase: Bool) async throws -> KVCache {
        let (left, right) = (try await model.cache(thinker), try await model.cache(speaker))
        guard onBase else { return try left.appending(right) }
        return try left.appending(right.select(Array(base.rows..<right.count), positions: .keep))
    }
}
