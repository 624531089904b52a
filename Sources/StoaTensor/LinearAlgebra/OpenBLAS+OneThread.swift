internal import Synchronization

extension OpenBLAS {
    private static let turn = Mutex<Void>(())

    /// Makes calls on one thread, one caller of this function in the process at a time, so that their bits do not depend
    /// on how many threads the library was opened with, or on what else uses it.
    ///
    /// The library's thread count is the process's; it is as before afterwards.
    ///
    /// Isolation: blocks the calling thread while another one is in here; for compute lanes, never for the cooperative
    /// pool.
    ///
    /// - Parameter body: makes the calls, and none of this function.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws.
    package func onOneThread<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try Self.turn.withLock { _ throws(Failure) -> Result in
            let threads = threadCount()
            setThreadCount(1)
            defer { setThreadCount(threads) }
            return try body()
        }
    }
}
