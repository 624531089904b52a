#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#endif

/// Names from the system's own random numbers.
///
/// They name things and nothing else: whatever a run computes draws from its seed.
public struct SystemIdentifierSource: IdentifierSource {
    /// Creates a source.
    public init() {}

    /// 64 random bits.
    public func next() -> UInt64 {
        var bits: UInt64 = 0
        // The call fails only for more than 256 bytes, or on a kernel without random numbers.
        let status = withUnsafeMutableBytes(of: &bits) { getentropy($0.baseAddress, $0.count) }
        precondition(status == 0, "the system has no random numbers")
        return bits
    }
}
