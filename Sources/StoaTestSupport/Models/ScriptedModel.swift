internal import OrderedCollections
public import StoaCore

/// A model whose replies come from a function of the request, so that tests of agents need no weights.
///
/// Without a script of its own it answers with words drawn from the request's seed and conversation: equal requests have
/// equal replies, different ones differ. It thinks, too: its latents are made of the same draw. It counts how often each
/// piece of work was asked for, and can be made to fail, or to wait at a gate until the test opens it.
///
/// Its tokens are characters. A script sees the turn that is under way in the request and says what follows; where a block of
/// code is to end the reply, what the script says behind the first one is left out.
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

    struct State {
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
    let state = Guarded(State())

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
        try have(request.context + [request.base].compactMap { $0 })
        progress(.prefilling)
        let text: String
        switch script(request) ?? .say(Self.words(request)) {
        case .say(let words): text = words
        case .fail(let error): throw error
        case .waitThenSay(let words):
            try await waitAtGate()
            text = words
        }
        let fenced = Self.upToBlock(text, request.fence)
        let cut = (fenced ?? text).unicodeScalars.prefix(request.maximumTokens)
        let tokens = Self.tokens(cut)
        let said = String(String.UnicodeScalarView(cut))
        progress(.text(said))
        let isCut = cut.count < (fenced ?? text).unicodeScalars.count
        let (prompt, spans) = Self.prompt(request)
        let latent =
            request.keepsLatent
            ? keep(
                latent(
                    request, Self.draw(request).description + said, prompt: prompt.count,
                    LatentHandle.Segment(author: request.author, origin: "text", rows: tokens.count))) : nil
        return ModelReply(
            text: said, finish: isCut ? .length : fenced == nil ? .stop : .fence, promptTokens: prompt,
            tokens: tokens,
            logProbabilities: tokens.enumerated().map { index, id in
                TokenLogProbability(id: id, logProbability: -1 / Double(index + 1))
            },
            usage: Usage(prefillTokens: prompt.count, decodedTokens: tokens.count), duration: .milliseconds(1),
            latent: latent, contextRows: request.context.isEmpty ? nil : Self.contextRows(of: request),
            promptSpans: spans)
    }

    private static func tokens(_ scalars: some Sequence<Unicode.Scalar>) -> [TokenID] {
        scalars.map { TokenID(Int32(bitPattern: $0.value)) }
    }

    /// The characters of the conversation, and the tokens of the turn as they are; characters where it has words only.
    private static func prompt(_ request: ModelRequest) -> (tokens: [TokenID], spans: [TokenSpan]) {
        var prompt = request.messages.flatMap { tokens($0.content.unicodeScalars) }
        var spans = request.turn.isEmpty ? [] : [TokenSpan(.prompt, prompt.count)]
        for piece in request.turn {
            let (origin, added): (TokenSpan.Origin, [TokenID]) =
                switch piece {
                case .tokens(let chosen, let text): (.model, chosen.isEmpty ? tokens(text.unicodeScalars) : chosen)
                case .feedback(let text): (.tool, tokens(text.unicodeScalars))
                }
            prompt += added
            spans.append(TokenSpan(origin, added.count))
        }
        return (prompt, spans)
    }

    /// The text up to where its first block of code is certain; nil where it has none that is so before the text ends.
    private static func upToBlock(_ text: String, _ fence: FenceSyntax?) -> String? {
        guard let fence else { return nil }
        var scanner = FenceScanner(fence)
        return scanner.feed(text.utf8).map { String(decoding: Array(text.utf8.prefix($0.end)), as: UTF8.self) }
    }

    /// Words that depend on the seed and on everything in the request.
    public static func words(_ request: ModelRequest, count: Int = 5) -> String {
        let digest = draw(request)
        return digest.bytes.prefix(count).map { "w\($0)" }.joined(separator: " ")
    }

    static func draw(_ request: ModelRequest) -> SHA256Digest {
        var text = request.seed.description + "|\(request.sampling.temperature)|"
        for message in request.messages { text += message.document.canonicalText }
        for latent in request.context { text += latent.digest.description }
        if let base = request.base { text += "|base \(base.digest)" }
        if request.recall != LatentRecall() { text += "|recall \(request.recall.document.canonicalText)" }
        if let adapter = request.adapter { text += "|adapter \(adapter)" }
        if request.ignoresEndOfTurn { text += "|on and on" }
        for piece in request.turn { text += "|turn \(piece.document.canonicalText)" }
        return SHA256Digest(hashing: text.utf8)
    }

    func enter(_ request: ModelRequest) {
        state.withLock { state in
            state.calls[request.seed.description, default: 0] += 1
            state.requests.append(request)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
        }
    }

    func leave() { state.withLock { $0.running -= 1 } }

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
}
