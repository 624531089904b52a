public import StoaCore

/// Whether what is stored of a run is what was written.
public struct VerificationReport: Sendable, Hashable {
    /// The run.
    public let run: RunID
    /// How many events it has, inherited ones included.
    public let events: Int
    /// Whether every event has its digest and follows the one before it, none missing, up to the recorded end.
    public let chainIntact: Bool
    /// How many contents that its events refer to are missing or damaged.
    public let blobsMissing: Int
    /// The first event that is missing, or whose own texts, digest or contents are not what was written; nil where all
    /// are.
    public let firstBadSequence: Int?

    /// Whether nothing is wrong.
    public var isIntact: Bool { firstBadSequence == nil && chainIntact && blobsMissing == 0 }

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - events: how many events it has.
    ///   - chainIntact: whether its chain holds.
    ///   - blobsMissing: how many contents are missing or damaged.
    ///   - firstBadSequence: the first event that is not as it was written.
    public init(run: RunID, events: Int, chainIntact: Bool, blobsMissing: Int, firstBadSequence: Int?) {
        self.run = run
        self.events = events
        self.chainIntact = chainIntact
        self.blobsMissing = blobsMissing
        self.firstBadSequence = firstBadSequence
    }
}
