internal import OrderedCollections
public import StoaCore

extension RunTranscript {
    /// Reads a run back from its journal, without executing anything.
    ///
    /// Calls that failed, were withdrawn or are under way have no result and are left out, and so are thoughts.
    ///
    /// Complexity: memory for the texts, tokens and log-probabilities of the whole run.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - journal: where it is kept.
    /// - Returns: the run; for a fork with what it shares with its parent.
    /// - Throws: `JournalError`.
    public static func read(_ run: RunID, from journal: any Journal) async throws -> RunTranscript {
        let beginning = try await RunBeginning.of(run, in: journal)
        var transcript = RunTranscript(
            run: run, playbook: try await journal.run(run).playbook, parameters: beginning.parameters,
            models: beginning.models)
        for name in beginning.models.keys {
            transcript.precisions[name] = beginning.playbook["models"]?[name]?["precision"]?.stringValue
        }
        let reader = ContentReader(journal: journal, readsNumbers: true)
        var intents: [EffectKey: JSONValue] = [:]
        var after = 0
        while true {
            let events = try await journal.events(in: run, after: after, limit: 256)
            guard let last = events.last else { break }
            for recorded in events {
                let (key, payload) = (recorded.event.key, recorded.event.payload)
                switch key.kind {
                case .effectIntended: intents[key.effect] = payload
                case .effectCompleted:
                    guard let intent = intents.removeValue(forKey: key.effect) else { continue }
                    if isTraining(intent, payload) {
                        transcript.trainings.append(
                            try await TrainingRecord.training(intent, payload, key: key.effect, reader))
                    }
                    guard let call = try await call(intent, payload, key.effect, beginning, reader)
                    else { continue }
                    transcript.effects.append(RecordedEffect(key: key.effect, call: call))
                case .messagePosted:
                    if let message = Message(try await reader.whole(recorded)), message.from != .conductor {
                        transcript.messages.append(message)
                    }
                default: break
                }
            }
            after = last.sequence
        }
        transcript.effects.sort { $0.key < $1.key }
        transcript.messages.sort { $0.id < $1.id }
        transcript.trainings.sort { $0.key < $1.key }
        return transcript
    }

    /// Whether these are the two ends of a training that gave an adapter.
    private static func isTraining(_ intent: JSONValue, _ result: JSONValue) -> Bool {
        intent["effect"]?.stringValue == TrainingRecord.effect && result["adapter"] != nil
    }

    private static func call(
        _ intent: JSONValue, _ result: JSONValue, _ key: EffectKey, _ beginning: RunBeginning, _ reader: ContentReader
    ) async throws -> RecordedEffect.Call? {
        let place = "\(key)/effect_completed"
        switch (intent["effect"], result["effect"]) {
        case ("model", "model"):
            guard result["text"] != nil else { return nil }
            let asked = try await RecordedCall(
                intent, key: key, seed: beginning.seed, started: beginning.started, reader)
            return .model(asked.model, asked.request, try await ModelCallRecord.reply(result, in: place, reader))
        case ("tool", "tool"):
            guard result["result"] != nil, let name = intent["tool"]?.stringValue else { return nil }
            let call = ToolCall(
                id: key.description, name: name,
                arguments: try await reader.whole(intent["arguments"] ?? .emptyObject, in: "\(key)/effect_intended"))
            return .tool(call, try await ToolRecord.read(result, in: place, reader))
        default: return nil
        }
    }
}
