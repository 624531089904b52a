internal import StoaCore
internal import StoaTensor

/// The bridges into one model, each fitted when it is first asked for.
///
/// Isolation: a lane of its own, so that fitting holds up no sequence of either model.
actor BridgeStore {
    private let lane = ComputeLane(threads: 1)
    private var bridges: [String: VocabularyBridge] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// The bridge from a model.
    ///
    /// - Parameters:
    ///   - source: the model that it is from.
    ///   - fingerprint: what tells that model from others.
    ///   - target: the model that it leads to, always the same.
    /// - Returns: the bridge.
    /// - Throws: as fitting does.
    func bridge(
        from source: BridgeEnd, fingerprint: String, to target: BridgeEnd
    ) throws -> VocabularyBridge {
        if let bridge = bridges[fingerprint] { return bridge }
        let bridge = try VocabularyBridge(from: source, to: target)
        bridges[fingerprint] = bridge
        return bridge
    }
}
