internal import GRDB

/// The first layout.
///
/// Texts are stored exactly as their digests cover them, so that checking needs no JSON. `run.last` and `run.head` are
/// the end of a run's chain: they make it cheap to go on, and they make the loss of the last events show.
enum SchemaVersion1 {
    /// Lays out an empty file.
    @Sendable
    static func create(_ db: Database) throws {
        for statement in [run, runIndex, blob, event, eventBlob, eventBlobIndex] + guards {
            try db.execute(sql: statement)
        }
    }

    /// Runs, of which an `excerpt` is the part that came along with the import of a fork.
    ///
    /// `last` and `head` are the number and the digest of the last event, inherited ones included.
    private static let run = """
        CREATE TABLE run (
            id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
            playbook TEXT NOT NULL,
            started INTEGER NOT NULL,
            parent_run TEXT REFERENCES run (id),
            parent_seq INTEGER CHECK (parent_seq >= 1),
            status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'limit', 'failed', 'cancelled',
                'approval_required', 'interrupted')),
            answer TEXT,
            owner_process INTEGER,
            owner_ticks INTEGER,
            owner_boot TEXT,
            excerpt INTEGER NOT NULL DEFAULT 0 CHECK (excerpt IN (0, 1)),
            last INTEGER NOT NULL CHECK (last >= 0),
            head BLOB NOT NULL CHECK (length(head) = 32),
            CHECK ((parent_run IS NULL) = (parent_seq IS NULL)),
            CHECK ((owner_process IS NULL) = (owner_ticks IS NULL)),
            CHECK ((owner_process IS NULL) = (owner_boot IS NULL))
        ) STRICT
        """

    private static let runIndex = "CREATE INDEX run_by_start ON run (started)"

    private static let blob = """
        CREATE TABLE blob (
            sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
            codec TEXT NOT NULL CHECK (codec IN ('raw')),
            bytes BLOB NOT NULL
        ) STRICT
        """

    /// `position` is the order of the whole journal: events of all runs are added at the end of the table.
    private static let event = """
        CREATE TABLE event (
            position INTEGER PRIMARY KEY,
            run TEXT NOT NULL REFERENCES run (id),
            seq INTEGER NOT NULL CHECK (seq >= 1),
            key TEXT NOT NULL CHECK (key <> ''),
            kind TEXT NOT NULL CHECK (kind <> ''),
            actor TEXT NOT NULL,
            payload TEXT NOT NULL,
            causes TEXT NOT NULL,
            is_observation INTEGER NOT NULL CHECK (is_observation IN (0, 1)),
            observed TEXT NOT NULL,
            previous BLOB NOT NULL CHECK (length(previous) = 32),
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            UNIQUE (run, seq),
            UNIQUE (run, key)
        ) STRICT
        """

    private static let eventBlob = """
        CREATE TABLE event_blob (
            run TEXT NOT NULL,
            seq INTEGER NOT NULL,
            sha256 BLOB NOT NULL REFERENCES blob (sha256),
            PRIMARY KEY (run, seq, sha256),
            FOREIGN KEY (run, seq) REFERENCES event (run, seq)
        ) STRICT, WITHOUT ROWID
        """

    private static let eventBlobIndex = "CREATE INDEX event_blob_by_digest ON event_blob (sha256)"

    /// A journal only grows: neither a mistake in this program nor a stray hand changes what happened.
    private static let guards = [
        """
        CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
        BEGIN SELECT raise(ABORT, 'an event is never changed'); END
        """,
        """
        CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
        BEGIN SELECT raise(ABORT, 'an event is never removed'); END
        """,
        """
        CREATE TRIGGER blob_is_never_changed BEFORE UPDATE ON blob
        BEGIN SELECT raise(ABORT, 'content is never changed'); END
        """,
    ]
}
