internal import OrderedCollections
public import StoaCore

/// A trainer that learns nothing: its adapter is the digest of the request, so that tests of playbooks need no weights.
///
/// Equal requests have equal adapters and losses, different ones differ. It counts its calls, and can be made to fail, or to
/// wait at a gate until the test opens it.
public final class ScriptedTrainer: PolicyTrainer {
    /// What a script can do.
    public enum Line: Sendable {
        /// Train.
        case train
        /// Give this reply.
        case reply(TrainingReply)
        /// Fail.
        case fail(any StoaError)
        /// Wait until `openGate` is called or the caller is cancelled, then train.
        case waitThenTrain
    }

    private struct State {
        var requests: [TrainingRequest] = []
        var isOpen = false
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var watchers: [CheckedContinuation<Void, Never>] = []
        var nextTicket: UInt64 = 0
    }

    /// The model that it says it trains.
    public let identity: ModelIdentity
    private let script: @Sendable (TrainingRequest) -> Line
    private let state = Guarded(State())

    /// Creates a trainer.
    ///
    /// - Parameters:
    ///   - fingerprint: what tells its model from others.
    ///   - script: what it does; it trains where none is given.
    public init(
        fingerprint: String = "scripted", script: @escaping @Sendable (TrainingRequest) -> Line = { _ in .train }
    ) {
        identity = ModelIdentity(name: "scripted", provider: .scripted, fingerprint: fingerprint)
        self.script = script
    }

    /// The requests so far, in the order of their arrival.
    public var requests: [TrainingRequest] { state.withLock { $0.requests } }

    /// Lets everyone at the gate through, now and later.
    public func openGate() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until somebody waits at the gate.
    public func waitForGate() async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                if !state.waiting.isEmpty { return true }
                state.watchers.append(continuation)
                return false
            }
            if isDue { continuation.resume() }
        }
    }

    /// Trains as the script says.
    public func train(
        _ request: TrainingRequest, progress: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingReply {
        state.withLock { $0.requests.append(request) }
        switch script(request) {
        case .train: break
        case .reply(let reply): return reply
        case .fail(let error): throw error
        case .waitThenTrain: try await waitAtGate()
        }
        let reply = Self.reply(to: request)
        for (index, loss) in reply.losses.enumerated() {
            try Task.checkCancellation()
            progress(
                TrainingProgress(
                    step: index + 1, steps: reply.losses.count, loss: loss,
                    learningRate: request.settings.learningRate))
        }
        return reply
    }

    /// What it comes to: one step for each batch and epoch, with losses that fall.
    ///
    /// - Parameter request: what is asked.
    /// - Returns: a pure function of the request.
    public static func reply(to request: TrainingRequest) -> TrainingReply {
        let digest = SHA256Digest(hashing: description(of: request).utf8)
        let batches = (request.examples.count + request.settings.batch - 1) / max(1, request.settings.batch)
        let steps = max(1, Int((Double(batches) * request.settings.epochs).rounded(.up)))
        let start = 1 + Double(digest.bytes[0]) / 256
        let (tokens, scored) = request.examples.reduce((0, 0)) { sum, example in
            let sides = [example.chosen] + [example.rejected].compactMap { $0 }
            return sides.reduce(sum) { sum, side in (sum.0 + side.length, sum.1 + side.completionLength) }
        }
        return TrainingReply(
            adapter: AdapterReference(digest), losses: (0..<steps).map { start / Double($0 + 1) },
            figures: request.settings.loss == "sft" ? [:] : ["accuracy": 1, "margin": start], tokens: tokens,
            scoredTokens: scored, duration: .milliseconds(1))
    }

    /// Everything that a request says, as a text.
    private static func description(of request: TrainingRequest) -> String {
        let settings = request.settings
        var text = "\(request.seed)|\(request.start?.description ?? "")|\(request.reference?.description ?? "")"
        text += "|\(settings.loss)|\(JSONValue.object(settings.options).canonicalText)|\(settings.rank)"
        text += "|\(settings.alpha)|\(settings.targets)|\(settings.learningRate)|\(settings.schedule)"
        text += "|\(settings.warmup)|\(settings.epochs)|\(settings.batch)|\(settings.maximumTokens)"
        text += "|\(settings.weightDecay)|\(settings.maximumGradientNorm ?? 0)|\(settings.precision)"
        for example in request.examples {
            text += "|\(example.weight)|\(example.chosen.text)|\(example.rejected?.text ?? "")"
        }
        return text
    }

    private func waitAtGate() async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOpen, watchers) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
                    if state.isOpen || Task.isCancelled { return (true, []) }
                    state.waiting[ticket] = continuation
                    defer { state.watchers = [] }
                    return (false, state.watchers)
                }
                for watcher in watchers { watcher.resume() }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume()
        }
        try Task.checkCancellation()
    }
}

extension TrainingText {
    fileprivate var text: String {
        switch self {
        case .tokens(let prompt, let completion): "\(prompt.map(\.rawValue)) \(completion.map(\.rawValue))"
        case .words(let messages, let completion):
            messages.map(\.document.canonicalText).joined() + JSONValue.string(completion).canonicalText
        }
    }

    /// Tokens, or bytes where there are none.
    fileprivate var length: Int {
        switch self {
        case .tokens(let prompt, let completion): prompt.count + completion.count
        case .words(let messages, let completion):
            messages.reduce(completion.utf8.count) { $0 + $1.content.utf8.count }
        }
    }

    fileprivate var completionLength: Int {
        switch self {
        case .tokens(_, let completion): completion.count
        case .words(_, let completion): completion.utf8.count
        }
    }
}
