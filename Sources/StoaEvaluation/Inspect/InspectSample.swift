internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// A run as a sample of an Inspect log.
struct InspectSample: Sendable {
    let id: String
    let epoch: Int
    let problem: Problem
    /// What came of it in an evaluation; nil for a run of its own.
    let item: EvaluationItem?
    let run: RunID
    let scorer: String

    /// The sample, with the conversation of its last call, and an event for each call.
    func document(reading journal: any Journal, model: String) async throws -> JSONValue {
        let record = try await journal.run(run)
        let transcript = try await RunTranscript.read(run, from: journal)
        let observed = try await observations(in: journal)
        // In the order in which they began, whatever the names of the steps.
        let effects = transcript.effects.sorted { observed[$0.key]?.order ?? 0 < observed[$1.key]?.order ?? 0 }
        let start = record.started.nanosecondsSinceEpoch
        let events = effects.map { Self.event($0, transcript, observed[$0.key] ?? Observed(), start: start) }
        var (messages, output): ([JSONValue], JSONValue) = ([], ["model": .string(model), "choices": []])
        var total = Usage.zero
        for effect in effects {
            guard case .model(let name, let request, let reply) = effect.call else { continue }
            total += reply.usage
            messages = Self.messages(request) + [Self.assistant(reply)]
            output = Self.output(reply, model: Self.model(name, transcript))
        }
        let answer = item?.answer ?? record.answer
        let end = observed.values.map(\.end).max() ?? start
        var metadata: JSONValue.Members = [
            "run": .string(run.rawValue), "status": .string(record.status.rawValue),
            "answer": answer.map { .string($0) } ?? .null,
        ]
        for (name, value) in problem.fields { metadata[name] = value }
        var members: JSONValue.Members = [
            "id": .string(id), "epoch": .integer(Int64(epoch)), "input": .string(problem.question),
            "target": .string(problem.answer), "messages": .array(messages), "output": output,
            "metadata": .object(metadata), "store": [:], "events": .array(events),
            "model_usage": [model: Self.usage(total)], "started_at": .string(record.started.description),
            "completed_at": .string(WallTime(nanosecondsSinceEpoch: end).description),
            "total_time": .number(item?.seconds ?? Double(end - start) / 1e9),
            "working_time": .number(observed.values.reduce(0) { $0 + $1.seconds }), "uuid": .string(run.rawValue),
            "attachments": [:],
        ]
        if let item { members["scores"] = [scorer: Self.score(item)] }
        if let failure = item?.failure {
            members["error"] = ["message": .string(failure), "traceback": "", "traceback_ansi": ""]
        }
        return .object(members)
    }

    // MARK: - Times

    private struct Observed {
        var order = 0
        var begin: Int64 = 0
        var end: Int64 = 0
        var seconds = 0.0
    }

    private func observations(in journal: any Journal) async throws -> [EffectKey: Observed] {
        var found: [EffectKey: Observed] = [:]
        var sequence = 0
        while true {
            let events = try await journal.events(in: run, after: sequence, limit: 256)
            guard let last = events.last else { return found }
            for recorded in events {
                let (key, time) = (recorded.event.key, recorded.observation.time.nanosecondsSinceEpoch)
                switch key.kind {
                case .effectIntended:
                    found[key.effect] = Observed(order: recorded.sequence, begin: time, end: time)
                case .effectCompleted:
                    found[key.effect]?.end = time
                    found[key.effect]?.seconds = recorded.observation.details["seconds"]?.doubleValue ?? 0
                default: break
                }
            }
            sequence = last.sequence
        }
    }

    // MARK: - Parts

    private static func model(_ name: String, _ transcript: RunTranscript) -> String {
        "stoa/\(transcript.models[name]?.name ?? name)"
    }

    static func usage(_ usage: Usage) -> JSONValue {
        let input = usage.prefillTokens + usage.cachedTokens
        return [
            "input_tokens": .integer(Int64(input)), "output_tokens": .integer(Int64(usage.decodedTokens)),
            "total_tokens": .integer(Int64(input + usage.decodedTokens)),
            "input_tokens_cache_read": .integer(Int64(usage.cachedTokens)),
            "reasoning_tokens": .integer(Int64(usage.latentSteps)),
        ]
    }

    private static func score(_ item: EvaluationItem) -> JSONValue {
        [
            "value": item.isCorrect ? "C" : "I", "answer": (item.extracted ?? item.answer).map { .string($0) } ?? .null,
            "explanation": .string(item.evidence),
            "metadata": [
                "score": .number(item.score), "confidence": item.confidence.map { .number($0) } ?? .null,
            ],
        ]
    }

    private static func messages(_ request: ModelRequest) -> [JSONValue] {
        var messages = request.messages.map { message -> JSONValue in
            var members: JSONValue.Members = [
                "role": .string(message.role.rawValue), "content": .string(message.content),
            ]
            if !message.toolCalls.isEmpty { members["tool_calls"] = .array(message.toolCalls.map(call)) }
            if let id = message.toolCallID { members["tool_call_id"] = .string(id) }
            return .object(members)
        }
        // A turn that is under way: what the model wrote so far, and what tools said in between.
        for piece in request.turn {
            switch piece {
            case .tokens(_, let text): messages.append(["role": "assistant", "content": .string(text)])
            case .feedback(let text): messages.append(["role": "tool", "content": .string(text)])
            }
        }
        return messages
    }

    private static func assistant(_ reply: ModelReply) -> JSONValue {
        var members: JSONValue.Members = [
            "role": "assistant", "content": .string(reply.text), "source": "generate",
        ]
        if !reply.toolCalls.isEmpty { members["tool_calls"] = .array(reply.toolCalls.map(call)) }
        return .object(members)
    }

    private static func call(_ call: ToolCall) -> JSONValue {
        [
            "id": .string(call.id), "function": .string(call.name), "type": "function",
            "arguments": call.arguments.objectValue == nil ? [:] : call.arguments,
        ]
    }

    private static func output(_ reply: ModelReply, model: String) -> JSONValue {
        let reason: JSONValue =
            switch reply.finish {
            case .length, .limit: "max_tokens"
            case .context: "model_length"
            case .stop: reply.toolCalls.isEmpty ? "stop" : "tool_calls"
            default: "stop"
            }
        return [
            "model": .string(model), "choices": [["message": assistant(reply), "stop_reason": reason]],
            "completion": .string(reply.text), "usage": usage(reply.usage),
        ]
    }

    private static func event(
        _ effect: RecordedEffect, _ transcript: RunTranscript, _ observed: Observed, start: Int64
    ) -> JSONValue {
        var members: JSONValue.Members = [
            "timestamp": .string(WallTime(nanosecondsSinceEpoch: observed.begin).description),
            "working_start": .number(Double(observed.begin - start) / 1e9),
            "completed": .string(WallTime(nanosecondsSinceEpoch: observed.end).description),
            "working_time": .number(observed.seconds), "metadata": ["effect": .string(effect.key.description)],
        ]
        switch effect.call {
        case .model(let name, let request, let reply):
            let model = model(name, transcript)
            let more: JSONValue.Members = [
                "event": "model", "model": .string(model), "role": .string(request.author),
                "input": .array(messages(request)), "tools": [], "tool_choice": "auto",
                "config": [
                    "max_tokens": .integer(Int64(request.maximumTokens)),
                    "temperature": .number(request.sampling.temperature),
                ],
                "output": output(reply, model: model),
            ]
            members.merge(more) { $1 }
        case .tool(let call, let result):
            let more: JSONValue.Members = [
                "event": "tool", "type": "function", "id": .string(effect.key.description),
                "function": .string(call.name),
                "arguments": call.arguments.objectValue == nil ? [:] : call.arguments,
                "result": .string(result.output.isEmpty ? result.value.text : result.output), "events": [],
            ]
            members.merge(more) { $1 }
        }
        return .object(members)
    }
}
