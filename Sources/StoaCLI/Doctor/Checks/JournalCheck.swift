internal import StoaCore
internal import StoaJournal

/// The journal: that it can be opened, and how it is.
struct JournalCheck: DoctorCheck {
    let name = "journal"

    func run(in context: CommandContext) async -> DoctorFinding {
        let path: String
        do {
            path = try JournalOptions.path(nil, in: context)
        } catch {
            return .broken(Self.message(error), fix: "set STOA_HOME to a folder of yours")
        }
        guard !JournalOptions.isEmpty(path) else { return .fine("none yet; the first run makes \(path)") }
        do {
            let journal = try SQLiteJournal(path: path, options: SQLiteJournal.Options(access: .readOnly))
            let runs = try await journal.runs()
            let bad = try await firstDamaged(runs.prefix(Self.checkedRuns).map(\.id), journal)
            try? await journal.close()
            if let bad {
                return .broken(
                    "\(path): run \(bad) is damaged", fix: "run: stoa log verify \(bad); export what is intact")
            }
            return .fine("\(LiveText.counted(runs.count, "run")) in \(path)")
        } catch {
            return .broken(Self.message(error), fix: "move \(path) away, or set STOA_HOME to another folder")
        }
    }

    /// An error without its hint: the check has a better one.
    private static func message(_ error: any Error) -> String { (error as? any StoaError)?.message ?? "\(error)" }

    /// The newest runs are checked in full.
    private static let checkedRuns = 5

    private func firstDamaged(_ runs: [RunID], _ journal: SQLiteJournal) async throws -> RunID? {
        for run in runs where try await !journal.verify(run).isIntact { return run }
        return nil
    }
}
