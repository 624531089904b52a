internal import OrderedCollections
internal import StoaCore
internal import StoaEvaluation
internal import StoaJournal
internal import StoaRuntime
internal import Synchronization

/// Tells how rounds go: a line for each round, and between them, on a terminal, what is being done.
final class EvolutionNarrator: RunNarrator {
    /// The step whose value is a round's line.
    static let step = "report"

    private struct State {
        var rounds: [JSONValue] = []
        var written = 0
        /// Pieces of work that were done since the last round, by step.
        var done: OrderedDictionary<String, Int> = [:]
        var present: String?
        var training: TrainingProgress?
        var playbook = ""
    }

    private let console: Console
    private let isJSON: Bool
    private let state = Mutex(State())

    /// Creates a narrator.
    ///
    /// - Parameters:
    ///   - console: where to tell.
    ///   - isJSON: whether a round is told as a line of JSON.
    init(console: Console, isJSON: Bool) {
        self.console = console
        self.isJSON = isJSON
    }

    /// Tells the rounds of a run that ended before, as its journal has them.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - journal: where it is kept.
    /// - Throws: `JournalError`, or `CLIError` where they cannot be written.
    func recall(_ run: RunID, from journal: SQLiteJournal) async throws {
        let playbook = try await journal.run(run).playbook
        state.withLock { $0.playbook = playbook }
        var after = 0
        while true {
            let events = try await journal.events(in: run, after: after, limit: 1024)
            guard let last = events.last else { break }
            for recorded in events
            where recorded.event.key.kind == .messagePosted && recorded.event.key.effect.node == Self.step {
                guard let message = Message(recorded) else { continue }
                state.withLock { $0.rounds.append(message.payload) }
            }
            after = last.sequence
        }
        try finish()
    }

    /// The playbook's name; empty before the run begins.
    var playbook: String { state.withLock { $0.playbook } }

    /// The rounds so far, in order.
    var rounds: [JSONValue] { state.withLock { $0.rounds } }

    func observe(_ update: RunUpdate) {
        state.withLock { state in
            switch update.change {
            case .started(let playbook, _, _): state.playbook = playbook
            case .posted(let message):
                guard case .topic(Self.step) = message.destination else { return }
                state.rounds.append(message.payload)
                state.done = [:]
                state.present = nil
            case .working:
                guard let step = update.effect?.node else { return }
                state.present = step
            case .worked:
                guard let step = update.effect?.node else { return }
                state.done[step, default: 0] += 1
                state.training = nil
            case .training(let progress): state.training = progress
            default: break
            }
        }
    }

    func flush() throws {
        let (fresh, number, line) = state.withLock { state in
            let fresh = Array(state.rounds[state.written...])
            state.written = state.rounds.count
            return (fresh, state.written, Self.line(state))
        }
        for (index, round) in fresh.enumerated() {
            if isJSON {
                try console.writeLine(StyledText(round.text))
            } else {
                if number - fresh.count + index == 0 { try console.writeLine(EvolutionTable.header) }
                try console.writeLine(EvolutionTable.row(round))
            }
        }
        if let line { console.progress(line) }
    }

    func finish() throws {
        try flush()
        console.clearProgress()
    }

    /// What is being done now.
    private static func line(_ state: State) -> String? {
        guard let present = state.present else { return nil }
        var line = "  round \(state.rounds.count + 1)  \(present)"
        if let training = state.training {
            let share = Double(training.step) / Double(max(training.steps, 1))
            line += "  \(LiveText.bar(share, width: 20))  \(LiveText.training(training))"
        } else if let done = state.done[present] {
            line += "  \(LiveText.count(done)) done"
        }
        return line
    }
}
