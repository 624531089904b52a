/// The counter-based generator Philox4x32-10.
///
/// A block of four words is a pure function of a 128-bit counter and a 64-bit key: there is no state to advance, so any
/// position of any stream can be computed at once, in any order and on any thread.
///
/// Determinism: integer arithmetic only; the same on every machine.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, section 3.3.
package enum Philox4x32 {
    /// The block that belongs to a counter under a key.
    ///
    /// - Parameters:
    ///   - counter: the four words of the counter, the least significant first.
    ///   - key: the two words of the key.
    /// - Returns: four independent, uniformly distributed words.
    package static func block(
        counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for round in 0..<10 {
            if round > 0 {
                // Weyl sequences: the golden ratio and the square root of 3, less 1.
                k0 &+= 0x9E37_79B9
                k1 &+= 0xBB67_AE85
            }
            let first = UInt64(0xD251_1F53) &* UInt64(c0)
            let second = UInt64(0xCD9E_8D57) &* UInt64(c2)
            let next0 = UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0
            let next2 = UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1
            c1 = UInt32(truncatingIfNeeded: second)
            c3 = UInt32(truncatingIfNeeded: first)
            c0 = next0
            c2 = next2
        }
        return (c0, c1, c2, c3)
    }
}
