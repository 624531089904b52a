internal import GRDB
internal import StoaCore

/// Which runs an export holds and how much of each: a fork brings what it shares with its ancestors.
struct ExportPlan: Sendable {
    /// A run of an export.
    struct Part: Sendable {
        /// The run as the export says it: an excerpt where only a fork needs it.
        let run: StoredRun
        /// The number before the first event of its own.
        let start: Int
    }

    /// The runs, ancestors before their forks, else in the order they were asked for.
    let parts: [Part]

    /// Plans an export.
    ///
    /// - Parameters:
    ///   - requested: the runs that are asked for, each of them once or more often.
    ///   - db: a connection.
    /// - Throws: `JournalError.unknownRun`.
    init(_ requested: [RunID], _ db: Database) throws {
        var stored: [RunID: StoredRun] = [:]
        var through: [RunID: Int] = [:]
        for id in requested {
            var run = try StoredRun.fetch(id, db)
            // A whole run may be asked for after a fork of it.
            (stored[id], through[id]) = (run, run.last)
            while let fork = run.record.parent {
                // Each generation ends in what it inherits, however early the next one left.
                run = try stored[fork.run] ?? StoredRun.fetch(fork.run, db)
                stored[fork.run] = run
                through[fork.run] = max(through[fork.run] ?? 0, fork.sequence)
            }
        }
        var parts: [Part] = []
        var planned: Set<RunID> = []
        for id in requested {
            var line: [RunID] = []
            var next: RunID? = id
            while let id = next, !planned.contains(id) {
                planned.insert(id)
                line.append(id)
                next = stored[id]?.record.parent?.run
            }
            for id in line.reversed() {
                guard let run = stored[id] else { continue }
                parts.append(try Self.part(run, through: through[id] ?? 0, db))
            }
        }
        self.parts = parts
    }

    private static func part(_ run: StoredRun, through needed: Int, _ db: Database) throws -> Part {
        let start = run.record.parent?.sequence ?? 0
        guard needed < run.last else { return Part(run: run, start: start) }
        var excerpt = run
        excerpt.isExcerpt = true
        // Where nothing of its own is needed, it still is the link to its own parent.
        excerpt.last = max(needed, start)
        excerpt.head = try Lineage(of: run.record.id, db).digest(at: excerpt.last, db) ?? .zero
        return Part(run: excerpt, start: start)
    }
}
