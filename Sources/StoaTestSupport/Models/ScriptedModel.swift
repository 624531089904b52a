internal import OrderedCollections
public import StoaCore

/// A model whose replies come from a function of the request, so that tests of agents need no weights.
///
/// Without a script of its own it answers with words drawn from the request's seed and conversation: equal requests have
/// equal replies, different ones differ. It thinks, too: its latents are made of the same draw. It counts how often each
/// piece of work was asked for, and can be made to fail, or to wait at a gate until the test opens it.
public final class ScriptedModel: LatentModel {
    /// What a script can do.
    public enum Line: Sendable {
        /// Say something.
        case say(String)
        /// Fail.
        case fail(any StoaError)
        /// Wait until `openGate` is called, then say something.
        case waitThenSay(String)
    }

    private struct State {
        var calls: [String: Int] = [:]
        var requests: [ModelRequest] = []
        var latents: [SHA256Digest: (bytes: [UInt8], handle: LatentHandle, holds: Int)] = [:]
        var running = 0
        var mostRunning = 0
        var isGateOpen = false
        var gate: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var gateWatchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var nextTicket: UInt64 = 0
    }

    /// What it is.
    public let identity: ModelIdentity
    /// How many calls it takes at a time.
    public let concurrency: Int
    private let script: @Sendable (ModelRequest) -> Line?
    private let state = Guarded(State())

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - fingerprint: what tells it from others.
    ///   - concurrency: how many calls it takes at a time.
    ///   - script: its replies; nil for the drawn ones.
    public init(
        name: String = "scripted", fingerprint: String = "scripted", concurrency: Int = 8,
        script: @escaping @Sendable (ModelRequest) -> Line? = { _ in nil }
    ) {
        identity = ModelIdentity(
            name: name, provider: .scripted, fingerprint: fingerprint, contextLength: 1 << 20)
        self.concurrency = concurrency
        self.script = script
    }

    // MARK: - What a test asks

    /// How often each piece of work was asked for, by its seed path.
    public var calls: [String: Int] { state.withLock { $0.calls } }

    /// The requests so far, in the order of their arrival.
    public var requests: [ModelRequest] { state.withLock { $0.requests } }

    /// The most calls there were at a time.
    public var mostRunning: Int { state.withLock { $0.mostRunning } }

    /// Calls that are under way.
    public var running: Int { state.withLock { $0.running } }

    /// Latents that somebody holds.
    public var heldLatents: Int { state.withLock { $0.latents.count } }

    /// Lets everyone at the gate through, now and later.
    public func openGate() {
        let waiting = state.withLock { state in
            state.isGateOpen = true
            defer { state.gate = [:] }
            return Array(state.gate.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until so many calls wait at the gate.
    public func waitForGate(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                if state.gate.count >= count { return true }
                state.gateWatchers.append((count, continuation))
                return false
            }
            if isDue { continuation.resume() }
        }
    }

    // MARK: - The model

    /// Answers as the script says.
    public func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        enter(request)
        defer { leave() }
        progress(.prefilling)
        let text: String
        switch script(request) ?? .say(Self.words(request)) {
        case .say(let words): text = words
        case .fail(let error): throw error
        case .waitThenSay(let words):
            try await waitAtGate()
            text = words
        }
        let cut = text.unicodeScalars.prefix(request.maximumTokens)
        let tokens = cut.map { TokenID(Int32(bitPattern: $0.value)) }
        let said = String(String.UnicodeScalarView(cut))
        progress(.text(said))
        let prompt = request.messages.flatMap { $0.content.unicodeScalars.map { TokenID(Int32(bitPattern: $0.value)) } }
        return ModelReply(
            text: said, finish: cut.count < text.unicodeScalars.count ? .length : .stop, promptTokens: prompt,
            tokens: tokens,
            logProbabilities: tokens.enumerated().map { index, id in
                TokenLogProbability(id: id, logProbability: -1 / Double(index + 1))
            },
            usage: Usage(prefillTokens: prompt.count, decodedTokens: tokens.count), duration: .milliseconds(1))
    }

    /// Words that depend on the seed and on everything in the request.
    public static func words(_ request: ModelRequest, count: Int = 5) -> String {
        let digest = draw(request)
        return digest.bytes.prefix(count).map { "w\($0)" }.joined(separator: " ")
    }

    private static func draw(_ request: ModelRequest) -> SHA256Digest {
        var text = request.seed.description + "|\(request.sampling.temperature)|"
        for message in request.messages { text += message.document.canonicalText }
        for latent in request.context { text += latent.digest.description }
        return SHA256Digest(hashing: text.utf8)
    }

    private func enter(_ request: ModelRequest) {
        state.withLock { state in
            state.calls[request.seed.description, default: 0] += 1
            state.requests.append(request)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
        }
    }

    private func leave() { state.withLock { $0.running -= 1 } }

    private func waitAtGate() async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOpen, watchers) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
                    if state.isGateOpen || Task.isCancelled { return (true, []) }
                    state.gate[ticket] = continuation
                    let due = state.gateWatchers.filter { $0.count <= state.gate.count }
                    state.gateWatchers.removeAll { $0.count <= state.gate.count }
                    return (false, due.map(\.continuation))
                }
                for watcher in watchers { watcher.resume() }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.gate.removeValue(forKey: ticket) }?.resume()
        }
        try Task.checkCancellation()
    }

    // MARK: - Latents

    /// Thinks: a latent of so many rows, drawn from the request.
    public func think(
        _ request: ModelRequest, steps: Int, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply {
        enter(request)
        defer { leave() }
        for step in 0..<steps { progress(.latentStep(step)) }
        var bare = request
        bare.seed = SeedPath(seed: 0)
        let bytes = Self.draw(bare).bytes + Array("\(steps)".utf8)
        let rows = request.messages.reduce(0) { $0 + $1.content.unicodeScalars.count }
        let handle = LatentHandle(
            digest: SHA256Digest(hashing: bytes), modelFingerprint: identity.fingerprint,
            segments: request.context.flatMap(\.segments) + [
                LatentHandle.Segment(author: request.author, origin: "prompt", rows: rows),
                LatentHandle.Segment(author: request.author, origin: "latent", rows: steps),
            ], nextPosition: request.context.reduce(0) { $0 + $1.rows } + rows + steps, byteCount: bytes.count)
        keep(bytes, handle)
        return LatentReply(
            latent: handle, usage: Usage(prefillTokens: rows, latentSteps: steps), duration: .milliseconds(1))
    }

    private func keep(_ bytes: [UInt8], _ handle: LatentHandle) {
        state.withLock { state in
            state.latents[handle.digest, default: (bytes, handle, 0)].holds += 1
        }
    }

    /// Takes a hold of a latent.
    public func retain(_ latent: LatentHandle) async -> Bool {
        state.withLock { state in
            guard state.latents[latent.digest] != nil else { return false }
            state.latents[latent.digest]?.holds += 1
            return true
        }
    }

    /// Gives up a hold.
    public func release(_ latent: LatentHandle) async {
        state.withLock { state in
            state.latents[latent.digest]?.holds -= 1
            if state.latents[latent.digest]?.holds == 0 { state.latents[latent.digest] = nil }
        }
    }

    /// One latent behind another.
    public func append(_ first: LatentHandle, _ second: LatentHandle) async throws -> LatentHandle {
        combined([first, second])
    }

    /// Continuations behind one another.
    public func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle {
        combined([base].compactMap { $0 } + branches)
    }

    /// Some rows of a latent.
    public func select(_ latent: LatentHandle, rows: [Int]) async throws -> LatentHandle {
        var handle = combined([latent])
        handle.segments = [LatentHandle.Segment(author: "", origin: "latent", rows: rows.count)]
        return handle
    }

    private func combined(_ latents: [LatentHandle]) -> LatentHandle {
        let bytes = latents.flatMap(\.digest.bytes)
        let handle = LatentHandle(
            digest: SHA256Digest(hashing: bytes), modelFingerprint: identity.fingerprint,
            segments: latents.flatMap(\.segments), nextPosition: latents.reduce(0) { $0 + $1.rows },
            byteCount: bytes.count)
        keep(bytes, handle)
        return handle
    }

    /// The latent's bytes.
    public func bytes(of latent: LatentHandle) async throws -> [UInt8] {
        guard let found = state.withLock({ $0.latents[latent.digest]?.bytes }) else {
            throw JournalError(.missingBlob, "scripted model: there is no latent \(latent.digest)")
        }
        return found
    }

    /// Brings a latent back.
    public func restore(_ bytes: [UInt8]) async throws -> LatentHandle {
        let digest = SHA256Digest(hashing: bytes)
        let handle = LatentHandle(
            digest: digest, modelFingerprint: identity.fingerprint,
            segments: [LatentHandle.Segment(author: "", origin: "latent", rows: 1)], nextPosition: 1,
            byteCount: bytes.count)
        keep(bytes, handle)
        return handle
    }
}
