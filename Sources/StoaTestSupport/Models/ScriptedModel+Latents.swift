internal import OrderedCollections
public import StoaCore

/// Latents of the scripted model: they are drawn from what was asked, and their bytes say what they are.
extension ScriptedModel {
    /// Thinks: a latent of so many rows, drawn from the request.
    ///
    /// A halting rule ends it after a number of steps that is drawn, too; a trace is of drawn tokens.
    public func think(
        _ request: ModelRequest, _ thinking: Thinking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> LatentReply {
        enter(request)
        defer { leave() }
        try have(request.context + [request.base].compactMap { $0 })
        var bare = request
        // Chance plays no part, but where something is drawn.
        if !thinking.isRandom, request.recall.pruning?.strategy != .random { bare.seed = SeedPath(seed: 0) }
        let drawn = SHA256Digest(
            hashing: (Self.draw(bare).description + thinking.document.canonicalText).utf8)
        let ends = thinking.halting != LatentHalting()
        let steps = ends ? Int(drawn.bytes[0]) % (thinking.steps + 1) : thinking.steps
        let tokens = (0..<steps).map { step in
            LatentStepTrace.Token(
                id: TokenID(Int32(drawn.bytes[step % 32])), text: "t\(drawn.bytes[step % 32])", weight: 0.5)
        }
        for step in 0..<steps {
            progress(.latentStep(step + 1, lens: thinking.isTraced ? tokens[step].text : nil))
        }
        let rows = request.messages.reduce(0) { $0 + $1.content.unicodeScalars.count }
        let latent = keep(
            latent(
                request, drawn.description, prompt: rows,
                LatentHandle.Segment(author: request.author, origin: "latent", rows: steps)))
        return LatentReply(
            latent: latent,
            promptTokens: request.messages.flatMap {
                $0.content.unicodeScalars.map { TokenID(Int32(bitPattern: $0.value)) }
            }, halt: ends && steps < thinking.steps ? thinking.halting.usualEnd : .steps,
            alignment: thinking.feedback == .alignment ? SHA256Digest(hashing: "alignment".utf8) : nil,
            trace: thinking.isTraced
                ? tokens.enumerated().map { step, token in
                    LatentStepTrace(
                        lens: [token], entropy: Double(step) / 2, hiddenNorm: 1, vectorNorm: 2,
                        previousCosine: step == 0 ? nil : 0.25, nearest: token)
                } : [],
            vectors: thinking.isTraced
                ? (0..<steps).map { step in (0..<4).map { Float(drawn.bytes[(step + $0) % 32]) / 8 } } : [],
            usage: Usage(prefillTokens: rows, latentSteps: steps), duration: .milliseconds(1))
    }

    /// What a call leaves: what it had in mind, its prompt, and what it did then.
    func latent(
        _ request: ModelRequest, _ drawn: String, prompt rows: Int, _ end: LatentHandle.Segment
    ) -> (drawn: String, handle: LatentHandle) {
        let context = Self.behind(request.base, request.context)
        let before = context.reduce(0) { $0 + $1.rows }
        let segments =
            context + [LatentHandle.Segment(author: request.author, origin: "prompt", rows: rows), end]
        return (drawn, handle(segments, contextRows: before))
    }

    /// Rows of latents before the conversation; the model leaves none out.
    static func contextRows(of request: ModelRequest) -> Int {
        behind(request.base, request.context).reduce(0) { $0 + $1.rows }
    }

    /// The segments of latents behind one another, what they share taken once.
    private static func behind(_ base: LatentHandle?, _ latents: [LatentHandle]) -> [LatentHandle.Segment] {
        let shared = base?.segments ?? []
        return shared + latents.flatMap { $0.segments.dropFirst(shared.count) }
    }

    private func handle(_ segments: [LatentHandle.Segment], contextRows: Int = 0) -> LatentHandle {
        let rows = segments.reduce(0) { $0 + $1.rows }
        return LatentHandle(
            digest: .zero, modelFingerprint: identity.fingerprint, segments: segments, nextPosition: rows,
            byteCount: rows, contextRows: contextRows)
    }

    /// Holds a latent once; its digest is that of bytes that say everything of it.
    func keep(_ made: (drawn: String, handle: LatentHandle)) -> LatentHandle {
        let bytes = Array((["drawn": .string(made.drawn), "handle": made.handle.document] as JSONValue).text.utf8)
        var handle = made.handle
        handle.digest = SHA256Digest(hashing: bytes)
        let kept = handle
        state.withLock { state in
            state.latents[kept.digest, default: (bytes, kept, 0)].holds += 1
        }
        return kept
    }

    /// Refuses latents that nobody holds.
    func have(_ latents: [LatentHandle]) throws {
        for latent in latents { _ = try kept(latent) }
    }

    private func kept(_ latent: LatentHandle) throws -> [UInt8] {
        guard let found = state.withLock({ $0.latents[latent.digest]?.bytes }) else { throw NoLatent(latent: latent) }
        return found
    }

    /// A latent of another model: its latent rows, drawn from its digest.
    public func translate(_ latent: LatentHandle, from source: any LatentModel) async throws -> LatentHandle {
        _ = try await source.bytes(of: latent)
        let segments = latent.segments.filter { $0.origin == "latent" }
        return keep(("translation of \(latent.digest)", handle(segments)))
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
        try have([first, second])
        return keep(("append \(first.digest) \(second.digest)", handle(first.segments + second.segments)))
    }

    /// Continuations behind one another.
    public func merge(base: LatentHandle?, branches: [LatentHandle]) async throws -> LatentHandle {
        try have([base].compactMap { $0 } + branches)
        let names = branches.map(\.digest.description).joined(separator: " ")
        return keep(
            (
                "merge \(base?.digest.description ?? "nothing") \(names)", handle(Self.behind(base, branches))
            ))
    }

    /// Some rows of a latent.
    public func select(_ latent: LatentHandle, rows: [Int]) async throws -> LatentHandle {
        try have([latent])
        let segment = LatentHandle.Segment(author: "", origin: "latent", rows: rows.count)
        return keep(("select \(latent.digest) \(rows)", handle([segment])))
    }

    /// The latent's bytes.
    public func bytes(of latent: LatentHandle) async throws -> [UInt8] { try kept(latent) }

    /// Brings a latent back.
    public func restore(_ bytes: [UInt8]) async throws -> LatentHandle {
        guard let document = try? JSONParser.parse(bytes), let drawn = document["drawn"]?.stringValue,
            let handle = document["handle"].flatMap({ LatentHandle(document: $0) })
        else { throw ForeignBytes(expected: identity.fingerprint, found: nil) }
        guard handle.modelFingerprint == identity.fingerprint else {
            throw ForeignBytes(expected: identity.fingerprint, found: handle.modelFingerprint)
        }
        return keep((drawn, handle))
    }

    /// Bytes that are no latent of the model.
    struct ForeignBytes: StoaError {
        var expected: String
        var found: String?
        var kind: FailureKind { .badInput }
        var message: String {
            "expected a latent of model \(expected), found \(found.map { "one of \($0)" } ?? "bytes")"
        }
        var hint: String? { nil }
    }

    /// A latent that the model does not have.
    struct NoLatent: StoaError {
        var latent: LatentHandle
        var kind: FailureKind { .badInput }
        var message: String { "scripted model: there is no latent \(latent.digest)" }
        var hint: String? { nil }
    }
}

extension Thinking {
    /// Whether what is fed back depends on chance.
    fileprivate var isRandom: Bool {
        switch feedback {
        case .noise: true
        case .soft(_, let noise): noise > 0
        case .automatic, .alignment, .identity, .argmax: false
        }
    }
}

extension LatentHalting {
    /// Why a thought with these rules ends, where it ends early.
    fileprivate var usualEnd: LatentHalt {
        if entropyBelow != nil || entropyAbove != nil { return .entropy }
        return atEndOfTurn ? .endOfTurn : .cycle
    }
}
