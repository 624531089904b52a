import StoaCore
import StoaModel
import Synchronization

/// An engine's model that remembers what its agents were asked.
final class RecordingModel: LatentModel {
    private let model: EngineModel
    private let requests = Mutex<[String: [ChatMessage]]>([:])

    init(_ model: EngineModel) { self.model = model }

    /// The last conversation of each agent.
    var asked: [String: [ChatMessage]] { requests.withLock { $0 } }

    var identity: ModelIdentity { model.identity }
    var concurrency: Int { model.concurrency }

    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        requests.withLock { $0[request.author] = request.messages }
        return try await model.complete(request, progress: progress)
    }

    func think(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply {
        requests.withLock { $0[request.author] = request.messages }
        return try await model.think(request, thinking, progress: progress)
    }

    func translate(_ latent: LatentHandle, from source: any LatentModel) async throws -> LatentHandle {
        try await model.translate(latent, from: source)
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

/// An engine's model that can read latents and speak, but not think.
final class ThoughtlessModel: LatentModel {
    private let model: EngineModel

    init(_ model: EngineModel) { self.model = model }

    var identity: ModelIdentity { model.identity }
    var concurrency: Int { model.concurrency }

    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply { try await model.complete(request, progress: progress) }

    func think(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply { throw CannotThink() }

    func translate(_ latent: LatentHandle, from source: any LatentModel) async throws -> LatentHandle {
        throw CannotThink()
    }
    func retain(_ latent: LatentHandle) async -> Bool { await model.retain(latent) }
    func release(_ latent: LatentHandle) async { await model.release(latent) }
    func append(_ first: LatentHandle, _ second: LatentHandle) async throws -> LatentHandle { throw CannotThink() }
    func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle { throw CannotThink() }
    func select(_ latent: LatentHandle, rows: [Int]) async throws -> LatentHandle { throw CannotThink() }
    func bytes(of latent: LatentHandle) async throws -> [UInt8] { try await model.bytes(of: latent) }
    func restore(_ bytes: [UInt8]) async throws -> LatentHandle { try await model.restore(bytes) }
}

struct CannotThink: StoaError {
    var kind: FailureKind { .failure }
    var message: String { "this model cannot think" }
    var hint: String? { nil }
}
