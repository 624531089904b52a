internal import StoaCore
internal import StoaRuntime
internal import Synchronization

/// Keeps in mind of which run something is in the journal, and passes on what it is told.
final class RunWatch: RunObserver {
    private let next: any RunObserver
    private let recorded = Mutex<RunID?>(nil)

    /// Creates a watch.
    ///
    /// - Parameter next: who is told.
    init(_ next: any RunObserver) { self.next = next }

    /// The run that can be gone on with; nil while there is none.
    var run: RunID? { recorded.withLock { $0 } }

    func observe(_ update: RunUpdate) {
        if case .recorded = update.change { recorded.withLock { $0 = update.run } }
        next.observe(update)
    }
}
