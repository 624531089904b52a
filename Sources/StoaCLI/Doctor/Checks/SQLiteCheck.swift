/// SQLite, which holds the journal.
struct SQLiteCheck: DoctorCheck {
    let name = "sqlite"

    func run(in context: CommandContext) async -> DoctorFinding {
        guard let version = SystemLibrary("libsqlite3.so.0")?.text("sqlite3_libversion") else {
            return .broken("libsqlite3.so.0 cannot be opened", fix: "run: apt-get install libsqlite3-dev")
        }
        return .fine("SQLite \(version)")
    }
}
