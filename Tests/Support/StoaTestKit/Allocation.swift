internal import CStoaAllocationCounter

/// The most heap memory that the calling thread held during `body` beyond what it held before, in bytes.
///
/// Exact: every call of the allocator is counted. Memory-mapped files are not heap.
///
/// - Parameter body: must stay on its thread.
/// - Returns: the peak; nil under sanitizers, which bring an allocator of their own.
package func peakAllocation(_ body: () -> Void) -> Int? {
    stac_begin()
    body()
    let peak = Int(stac_end())
    return stac_available() == 1 ? peak : nil
}
