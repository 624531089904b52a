internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// What a run waits for: calls and questions that a person has not decided on.
struct PendingDecisions {
    private let run: RunID
    private let journal: SQLiteJournal

    init(of run: RunID, in journal: SQLiteJournal) {
        self.run = run
        self.journal = journal
    }

    /// All of them, in the order in which they came up.
    func all() async throws -> [PendingDecision] {
        var pending: [PendingDecision] = []
        var after = 0
        while true {
            let events = try await journal.events(in: run, after: after, limit: 500)
            guard let last = events.last else { return pending }
            for recorded in events {
                let (key, payload) = (recorded.event.key, recorded.event.payload)
                let effect = payload["effect"]?.stringValue
                if key.kind == .effectIntended, effect == "approval" || effect == "person" {
                    pending.append(
                        PendingDecision(
                            effect: key.effect, question: payload["question"]?.stringValue ?? "",
                            isApproval: effect == "approval"))
                } else if key.kind == .effectCompleted {
                    pending.removeAll { $0.effect == key.effect }
                }
            }
            after = last.sequence
        }
    }

    /// The one that a person means.
    ///
    /// - Parameters:
    ///   - name: its key, or the beginning of one.
    ///   - flag: the option that named it, for errors.
    ///   - isApproval: whether a call or a question is meant.
    /// - Returns: its key.
    /// - Throws: `CLIError` of kind usage that names those there are.
    func find(_ name: String, flag: String, isApproval: Bool) async throws -> EffectKey {
        let pending = try await all().filter { $0.isApproval == isApproval }.map(\.effect)
        if let exact = pending.first(where: { $0.description == name }) { return exact }
        let found = pending.filter { $0.description.hasPrefix(name) }
        if found.count == 1, !name.isEmpty { return found[0] }
        let what = isApproval ? "a call" : "a question"
        let names = pending.map(\.description).joined(separator: ", ")
        throw CLIError.invalidSetting(
            flag, value: name,
            expected: pending.isEmpty
                ? "\(what) that run \(run) waits for, and it waits for none"
                : "\(what) that run \(run) waits for: \(names)")
    }
}
