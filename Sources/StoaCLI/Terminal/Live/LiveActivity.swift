internal import StoaCore
internal import StoaRuntime

/// A piece of work of an agent while it is under way, as far as a watcher can tell.
struct LiveActivity: Sendable {
    /// What an agent is seen to do.
    enum Phase: Sendable, Hashable {
        /// It was given work and waits for its model, its tool or a person.
        case waiting(String?)
        /// Its model reads the prompt.
        case reading
        /// Its words come.
        case speaking
        /// Its latent steps come.
        case thinking
    }

    /// The work, whichever turn of it.
    let work: EffectKey
    /// `say`, `think`, `call`, `verify` or `ask`.
    let activity: String
    /// When it began.
    let started: Duration
    private(set) var phase = Phase.waiting(nil)
    private(set) var text = ""
    /// Tokens that came, counted by the chunks of text, so about right.
    private(set) var tokens = 0
    private(set) var steps = 0
    /// What its latent steps were closest to saying, one word each, where that is traced.
    private(set) var thoughts = ""
    private(set) var firstOutput: Duration?
    /// The last message that it posted.
    var message: Message?

    init(_ effect: EffectKey, activity: String, started: Duration) {
        work = effect.work
        self.activity = activity
        self.started = started
    }

    /// Takes note of what a model reports; says how many tokens or steps came.
    mutating func take(_ progress: ModelProgress, at now: Duration) -> Int {
        switch progress {
        case .prefilling:
            phase = .reading
            return 0
        case .text(let piece):
            firstOutput = firstOutput ?? now
            phase = .speaking
            // A reply that was computed again comes once more, from the record and in one piece.
            guard tokens < 2 || piece != text else { return 0 }
            text += piece
            tokens += 1
            return 1
        case .latentStep(let step, let lens):
            firstOutput = firstOutput ?? now
            phase = .thinking
            if let lens, step > steps { thoughts += (thoughts.isEmpty ? "" : " · ") + Self.word(lens) }
            defer { steps = max(steps, step) }
            return max(0, step - steps)
        case .waiting(let pause, let reason):
            phase = .waiting("\(LiveText.seconds(pause)): \(reason)")
            return 0
        }
    }

    /// A token as a word that can be seen.
    private static func word(_ token: String) -> String {
        let word = token.filter { !$0.isWhitespace }
        guard word.isEmpty else { return word }
        return token.contains(where: \.isNewline) ? "↵" : "␣"
    }

    /// Tokens or steps a second since the first; nil while that says little.
    func rate(at now: Duration) -> Double? {
        guard let firstOutput, now - firstOutput > .milliseconds(300) else { return nil }
        return Double(max(tokens, steps)) / ((now - firstOutput) / .seconds(1))
    }

    /// The agent, or the step where there is none.
    var agent: String { work.agent?.rawValue ?? work.node }

    /// What it is doing, in a word or a few.
    var doing: String {
        switch phase {
        case .waiting(let reason?): "waiting \(reason)"
        case .waiting(nil):
            switch activity {
            case "call": "calling a tool"
            case "verify": "checking"
            case "ask": "asking"
            default: "waiting"
            }
        case .reading: "reading"
        case .speaking: "speaking"
        case .thinking: "thinking"
        }
    }
}

extension EffectKey {
    /// The piece of work that it is a turn of.
    var work: EffectKey { EffectKey(node: node, indices: indices, agent: agent) }

    /// The step with the indices of the loops and branches around it, counted from 1 as people do.
    var place: String {
        indices.isEmpty ? node : "\(node)[\(indices.map { String($0 + 1) }.joined(separator: ","))]"
    }
}
