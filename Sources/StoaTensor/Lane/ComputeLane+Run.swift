/// Runs closures on a lane, for work that belongs to no actor yet.
private actor LaneGuest {
    private let lane: ComputeLane
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    init(lane: ComputeLane) { self.lane = lane }

    func run<Result: Sendable>(_ body: @Sendable () throws -> Result) throws -> Result { try body() }
}

extension ComputeLane {
    /// Runs a closure on the lane's thread.
    ///
    /// - Parameter body: what to compute.
    /// - Returns: its result.
    /// - Throws: what it throws.
    package func run<Result: Sendable>(_ body: @Sendable () throws -> Result) async throws -> Result {
        try await LaneGuest(lane: self).run(body)
    }
}
