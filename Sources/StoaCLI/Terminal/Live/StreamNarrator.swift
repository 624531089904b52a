internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime
internal import Synchronization

/// Tells a run as JSON Lines on standard output, for programs.
final class StreamNarrator: RunNarrator {
    private let console: Console
    private let choice: StreamChoice
    private let waiting = Mutex<[JSONValue]>([])

    init(console: Console, choice: StreamChoice) {
        self.console = console
        self.choice = choice
    }

    func observe(_ update: RunUpdate) {
        guard let document = choice == .events ? Self.event(update) : Self.token(update) else { return }
        waiting.withLock { $0.append(document) }
    }

    func flush() throws {
        let documents = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard !documents.isEmpty else { return }
        try console.writeLine(StyledText(documents.map(\.text).joined(separator: "\n")))
    }

    func finish() throws { try flush() }

    /// An event as it stands in the journal.
    private static func event(_ update: RunUpdate) -> JSONValue? {
        guard case .recorded(let sequence, let event, let observation) = update.change else { return nil }
        return EventDocument.document(sequence: sequence, event: event, observation: observation, type: "event")
    }

    /// What an agent does, word by word.
    private static func token(_ update: RunUpdate) -> JSONValue? {
        func line(_ type: JSONValue, _ more: JSONValue.Members) -> JSONValue {
            var members: JSONValue.Members = ["type": type, "run": .string(update.run.rawValue)]
            if let effect = update.effect {
                members["step"] = .string(effect.work.description)
                members["agent"] = effect.agent.map { .string($0.rawValue) } ?? .null
            }
            members.merge(more) { $1 }
            return .object(members)
        }
        switch update.change {
        case .started(let playbook, let seed, let resumed):
            return line(
                "started",
                ["playbook": .string(playbook), "seed": .string(String(seed)), "resumed": .bool(resumed)])
        case .working(let activity): return line("working", ["activity": .string(activity)])
        case .progress(.text(let text)): return line("token", ["text": .string(text)])
        case .progress(.latentStep(let step, let lens)):
            var members: JSONValue.Members = ["number": .integer(Int64(step))]
            if let lens { members["lens"] = .string(lens) }
            return line("latent_step", members)
        case .progress(.waiting(let pause, let reason)):
            return line("waiting", ["seconds": .number(pause / .seconds(1)), "reason": .string(reason)])
        case .training(let progress):
            return line(
                "training",
                [
                    "number": .integer(Int64(progress.step)), "steps": .integer(Int64(progress.steps)),
                    "loss": .number(progress.loss), "learning_rate": .number(progress.learningRate),
                ])
        case .worked(let usage, let duration, let isRecorded):
            return line(
                "worked",
                [
                    "usage": usage.document, "seconds": .number(duration / .seconds(1)),
                    "recorded": .bool(isRecorded),
                ])
        case .restarted(let reason, let attempt):
            return line("restarted", ["reason": .string(reason), "attempt": .integer(Int64(attempt))])
        case .limit(let limit): return line("limit", ["limit": limit.document])
        case .progress(.prefilling), .posted, .decided, .recorded, .spending, .ended: return nil
        }
    }
}

/// How an event is written for programs.
enum EventDocument {
    /// `{seq, key, kind, actor, payload, causes, time, process, details}`; `type` comes first where it is given.
    static func document(
        sequence: Int, event: Event, observation: Observation, type: String? = nil
    ) -> JSONValue {
        var members: JSONValue.Members = [:]
        if let type { members["type"] = .string(type) }
        members["seq"] = .integer(Int64(sequence))
        members["key"] = .string(event.key.description)
        members["kind"] = .string(event.key.kind.rawValue)
        members["actor"] = .string(event.actor.rawValue)
        members["payload"] = event.payload
        members["causes"] = .array(event.causes.map { .string($0.description) })
        members["time"] = .string(observation.time.description)
        members["process"] = .integer(Int64(observation.process))
        members["details"] = observation.details
        return .object(members)
    }
}
