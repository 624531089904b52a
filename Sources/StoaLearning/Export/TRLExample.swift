internal import OrderedCollections
public import StoaCore

/// What a training of a run learned from as a line of a data set for TRL, and for `stoa train`.
///
/// The columns, in this order; a column whose value is not known is null, and none is ever left out:
///
/// | column | type | what it is |
/// |---|---|---|
/// | `prompt` | list of `{role, content}` | the conversation that is gone on with |
/// | `completion`, or `chosen` and `rejected` | list of one `{role, content}` | what is learned; what is better than what |
/// | `prompt_ids` | list of int | the tokens of the prompt |
/// | `completion_ids`, or `chosen_ids` and `rejected_ids` | list of int | those behind it, the end of the turn included |
/// | `weight` | float | how much it counts |
/// | `id`, `run`, `step` | string | where it comes from |
/// | `model`, `fingerprint` | string | whose tokens they are |
///
/// Ids are those that the model read and wrote; words that no model of the run wrote have none. Where a tool had spoken
/// in the turn before, `prompt` has the conversation without it, and `prompt_ids` has all of it.
///
/// Determinism: a pure function of the run; the same run gives the same lines, byte for byte.
public enum TRLExample {
    /// The lines of a run's trainings.
    ///
    /// - Parameters:
    ///   - transcript: the run.
    ///   - step: the trainings that are wanted: the name of a step, `taught`, or one execution of it, `taught[2]`.
    /// - Returns: an object for each example, in the order of the trainings' keys and their examples.
    /// - Throws: `LearningError` for a run without such a training, or that lacks a call it learned from.
    public static func documents(of transcript: RunTranscript, step: String) throws(LearningError) -> [JSONValue] {
        let trainings = transcript.trainings.filter { step == $0.key.node || step == place($0.key) }
        guard !trainings.isEmpty else {
            let known = transcript.trainings.map { place($0.key) }
            throw LearningError(
                .invalidSetting, "run \(transcript.run): no training of the step '\(step)' was finished",
                hint: known.isEmpty ? "it trained nothing" : "it has \(known.joined(separator: ", "))")
        }
        var calls: [EffectKey: SampledCall] = [:]
        for effect in transcript.effects {
            guard case .model(_, let request, let reply) = effect.call else { continue }
            calls[effect.key] = SampledCall(request: request, reply: reply)
        }
        var documents: [JSONValue] = []
        for training in trainings {
            let identity = transcript.models[training.model]
            for (index, source) in training.sources.enumerated() {
                var members = try columns(of: source, calls, at: "run \(transcript.run), \(training.key)")
                members["weight"] = .number(source.weight)
                members["id"] = .string("\(transcript.run)/\(place(training.key))/\(index)")
                members["run"] = .string(transcript.run.rawValue)
                members["step"] = .string(place(training.key))
                members["model"] = .string(identity?.name ?? training.model)
                members["fingerprint"] = ExportedTokens.text(identity?.fingerprint)
                documents.append(.object(members))
            }
        }
        return documents
    }

    /// A step and its place in loops, without agent and counts.
    private static func place(_ key: EffectKey) -> String {
        key.indices.isEmpty ? key.node : "\(key.node)[\(key.indices.map(String.init).joined(separator: ","))]"
    }

    /// One side with all that is known of it.
    private struct Side {
        var prompt: [ChatMessage]
        var completion: String
        var promptTokens: [TokenID]?
        var tokens: [TokenID]?
    }

    private static func columns(
        of source: TrainingSource, _ calls: [EffectKey: SampledCall], at place: String
    ) throws(LearningError) -> JSONValue.Members {
        let chosen = try side(source.chosen, calls, at: place)
        var members: JSONValue.Members = ["prompt": .array(chosen.prompt.map(TRLRecord.message))]
        guard let source = source.rejected else {
            members["completion"] = words(chosen)
            members["prompt_ids"] = ids(chosen.promptTokens)
            members["completion_ids"] = ids(chosen.tokens)
            return members
        }
        let rejected = try side(source, calls, at: place)
        let (left, right) = (chosen.promptTokens, rejected.promptTokens)
        guard chosen.prompt == rejected.prompt, left == nil || right == nil || left == right else {
            throw LearningError(
                .inconsistentCalls, "\(place): a preference whose sides go on from different prompts",
                hint: "TRL's lines have one prompt for both")
        }
        members["chosen"] = words(chosen)
        members["rejected"] = words(rejected)
        members["prompt_ids"] = ids(left ?? right)
        members["chosen_ids"] = ids(chosen.tokens)
        members["rejected_ids"] = ids(rejected.tokens)
        return members
    }

    private static func side(
        _ side: TrainingSource.Side, _ calls: [EffectKey: SampledCall], at place: String
    ) throws(LearningError) -> Side {
        switch side {
        case .words(let messages, let completion): return Side(prompt: messages, completion: completion)
        case .sample(let key):
            guard let call = calls[key] else {
                throw LearningError(
                    .inconsistentCalls, "\(place): the run lacks the call \(key), which it learned from")
            }
            return Side(
                prompt: call.request.messages, completion: call.reply.text, promptTokens: call.reply.promptTokens,
                tokens: call.reply.tokens)
        }
    }

    private static func words(_ side: Side) -> JSONValue {
        [TRLRecord.message(ChatMessage(.assistant, side.completion))]
    }

    private static func ids(_ tokens: [TokenID]?) -> JSONValue {
        tokens.map { .array($0.map { .integer(Int64($0.rawValue)) }) } ?? .null
    }
}
