public import StoaCore

extension Adapter {
    /// The SHA-256 of rank, scale, targets and every number: equal adapters have equal digests, on every machine.
    public var digest: SHA256Digest {
        var hasher = SHA256Hasher()
        let targets = configuration.targets.map(\.rawValue).joined(separator: ",")
        hasher.update("\(configuration.rank) \(configuration.alpha.bitPattern) \(targets)\n".utf8)
        for module in modules {
            hasher.update("\(module.name) \(module.inputs) \(module.outputs)\n".utf8)
            hasher.update(numbers: module.down)
            hasher.update(numbers: module.up)
        }
        return hasher.finalize()
    }
}

extension SHA256Hasher {
    /// Adds floats as their little-endian bytes.
    ///
    /// - Parameter numbers: the floats.
    package mutating func update(numbers: [Float]) {
        #if _endian(little)
        numbers.withUnsafeBytes { update($0) }
        #else
        numbers.map(\.bitPattern.littleEndian).withUnsafeBytes { update($0) }
        #endif
    }
}
