internal import StoaCore

/// Brings back the tokens of recorded calls, to be learned from as they are.
struct SampleReader: Sendable {
    let recorder: RunRecorder
    /// The plan's name for the model that is trained.
    let model: String
    /// What the run's models are, by the plan's names.
    let identities: [String: ModelIdentity]

    /// An example with all that it takes.
    ///
    /// - Parameter source: the example.
    /// - Returns: the example.
    /// - Throws: `EffectFailure` for a call that is not there, or whose tokens cannot be learned; `JournalError`.
    func example(_ source: TrainingSource) async throws -> TrainingExample {
        let chosen = try await text(source.chosen)
        var rejected: TrainingText?
        if let side = source.rejected { rejected = try await text(side) }
        return TrainingExample(chosen: chosen, rejected: rejected, weight: source.weight)
    }

    private func text(_ side: TrainingSource.Side) async throws -> TrainingText {
        switch side {
        case .words(let messages, let completion): .words(messages: messages, completion: completion)
        case .sample(let key): try await tokens(of: key)
        }
    }

    private func tokens(of key: EffectKey) async throws -> TrainingText {
        guard let found = try await recorder.found(EventKey(key, .effectCompleted))?.event,
            let intent = try await recorder.found(EventKey(key, .effectIntended))?.event
        else { throw failure(key, "is no call of this run", hint: "take it from a step's value with 'sample: true'") }
        guard found.payload["text"] != nil, let name = intent.payload["model"]?.stringValue else {
            throw failure(key, "is no call in which a model said something")
        }
        guard identities[name]?.fingerprint == identities[model]?.fingerprint else {
            throw failure(
                key, "was said by the model \(name), and its tokens mean nothing to the model \(model)",
                hint: "give its words: {messages, completion}")
        }
        let place = "\(found.key)"
        let prompt = try await recorder.reader.tokens(found.payload["prompt_tokens"], in: place)
        let completion = try await recorder.reader.tokens(found.payload["tokens"], in: place)
        guard !prompt.isEmpty else {
            throw failure(
                key, "has no tokens: its model does not tell them", hint: "give its words: {messages, completion}")
        }
        return .tokens(prompt: prompt, completion: completion)
    }

    private func failure(_ key: EffectKey, _ what: String, hint: String? = nil) -> EffectFailure {
        EffectFailure(kind: .badInput, message: "sample \(key) \(what)", hint: hint)
    }
}
