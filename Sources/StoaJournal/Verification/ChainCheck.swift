internal import StoaCore

/// Follows a chain of events as they are stored and notices the first that does not belong.
///
/// Whoever can write the file can compute a chain anew from a changed event on; what that leaves behind is another last
/// digest. The check finds damage and careless hands, not that.
struct ChainCheck {
    /// How many events were seen.
    private(set) var events = 0
    /// The first event that is missing or wrong.
    private(set) var firstBad: Int?
    private var last = 0
    private var digest = SHA256Digest.zero

    /// Whether nothing was wrong so far.
    var isIntact: Bool { firstBad == nil }

    /// Checks the next event.
    ///
    /// - Parameter event: the event, as it is stored.
    mutating func add(_ event: StoredEvent) {
        events += 1
        if event.sequence != last + 1 {
            note(last + 1)
        } else if event.previous != digest || EncodedEvent.digest(previous: digest, link: event.link) != event.digest {
            note(event.sequence)
        }
        last = event.sequence
        digest = event.digest
    }

    /// Notes an event whose columns contradict its texts.
    mutating func note(_ sequence: Int) { firstBad = min(firstBad ?? sequence, sequence) }

    /// Checks the end against what the run's record says, so that the loss of the last events shows.
    ///
    /// - Parameters:
    ///   - recordedLast: the number of the last event.
    ///   - head: its digest.
    mutating func end(last recordedLast: Int, head: SHA256Digest) {
        if recordedLast != last {
            note(min(recordedLast, last) + 1)
        } else if head != digest {
            note(max(last, 1))
        }
    }
}
