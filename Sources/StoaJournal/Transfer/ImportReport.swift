public import StoaCore

/// What an import added.
public struct ImportReport: Sendable, Hashable {
    /// The runs that are new, excerpts that forks brought included, in the order of the export.
    public internal(set) var runs: [RunID] = []
    /// The runs that were there already, with the same content.
    public internal(set) var present: [RunID] = []
    /// How many events are new.
    public internal(set) var events = 0
    /// How many contents are new.
    public internal(set) var blobs = 0
}
