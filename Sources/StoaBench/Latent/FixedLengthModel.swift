internal import StoaCore
internal import StoaModel

/// The engine's model with replies of the length that was asked for: nothing ends one early, so that every question costs
/// the same tokens.
struct FixedLengthModel: LatentModel {
    let model: EngineModel

    var identity: ModelIdentity { model.identity }
    var concurrency: Int { model.concurrency }

    private func unending(_ request: ModelRequest) -> ModelRequest {
        var request = request
        request.ignoresEndOfTurn = true
        request.stop = []
        return request
    }

    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        try await model.complete(unending(request), progress: progress)
    }

    func think(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply {
        try await model.think(unending(request), thinking, progress: progress)
    }

    func translate(_ latent: LatentHandle, from source: any LatentModel) async throws -> LatentHandle {
        try await model.translate(latent, from: (source as? FixedLengthModel)?.model ?? source)
    }

    func retain(_ latent: LatentHandle) async -> Bool { await model.retain(latent) }
    func release(_ latent: LatentHandle) async { await model.release(latent) }

    func append(_ first: LatentHandle, _ second: LatentHandle) async throws -> LatentHandle {
        try await model.append(first, second)
    }

    func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle {
        try await model.merge(base: base, branches: branches)
    }

    func select(_ latent: LatentHandle, rows: [Int]) async throws -> LatentHandle {
        try await model.select(latent, rows: rows)
    }

    func bytes(of latent: LatentHandle) async throws -> [UInt8] { try await model.bytes(of: latent) }
    func restore(_ bytes: [UInt8]) async throws -> LatentHandle { try await model.restore(bytes) }
}
