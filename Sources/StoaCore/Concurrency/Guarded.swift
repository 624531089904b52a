internal import Synchronization

/// State behind a lock, for the few places where concurrent callers meet and nothing waits.
///
/// The body runs under the lock: it must be short, must not wait and must not call out.
///
/// `Mutex` alone would do, but for one thing: where two threads contend, its hand-over happens inside the system's
/// library, which the thread sanitizer cannot see, so that it reports races that are none. The counter is written by
/// everyone who leaves and read by everyone who enters, which says the same thing in terms the sanitizer understands, for
/// the price of one plain store.
package struct Guarded<State>: ~Copyable, Sendable {
    private let mutex: Mutex<State>
    private let handovers = Atomic<UInt64>(0)

    /// Creates guarded state.
    ///
    /// - Parameter state: what it starts as.
    package init(_ state: consuming sending State) { mutex = Mutex(state) }

    /// Runs a body with sole access to the state.
    ///
    /// - Parameter body: what to do under the lock.
    /// - Returns: the body's result.
    /// - Throws: what the body throws.
    package borrowing func withLock<Result, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock { state throws(Failure) -> sending Result in
            let count = handovers.load(ordering: .acquiring)
            defer { handovers.store(count &+ 1, ordering: .releasing) }
            return try body(&state)
        }
    }
}
