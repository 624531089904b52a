public import StoaCore
internal import Synchronization

/// Names drawn from a seeded stream: different within a test, equal from run to run.
public final class TestIdentifiers: IdentifierSource {
    private let count = Atomic<UInt64>(0)
    private let seed: UInt64

    /// Creates a source.
    ///
    /// - Parameter seed: what the names are drawn from.
    public init(seed: UInt64 = 0) { self.seed = seed }

    /// The next 64 bits.
    public func next() -> UInt64 {
        let index = count.add(1, ordering: .relaxed).oldValue
        let digest = SHA256Digest(hashing: "\(seed)/\(index)".utf8)
        return digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
