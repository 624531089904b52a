/// Where names that must be unique come from: injected, so that a test decides them.
public protocol IdentifierSource: Sendable {
    /// 64 bits that were never given before, as far as chance can promise.
    func next() -> UInt64
}

extension IdentifierSource {
    /// A new run's name.
    public func makeRunID() -> RunID { RunID(bits: next()) }
}
