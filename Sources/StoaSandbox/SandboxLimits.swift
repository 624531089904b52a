/// What code in the sandbox may use.
public struct SandboxLimits: Sendable, Hashable {
    /// How long a cell may take before its process is killed.
    public var wall: Duration
    /// Processor time of a cell, all threads together.
    public var cpu: Duration
    /// The address space of the process.
    public var memoryBytes: Int
    /// What is kept of standard output, of standard error and of a value, each.
    public var outputBytes: Int
    /// A stream that is longer than this ends the session.
    public var outputKillBytes: Int
    /// The longest kept value, where `outputBytes` allows more.
    public var valueBytes: Int

    /// Creates limits; every default is the sandbox's own.
    ///
    /// - Parameters:
    ///   - wall: how long a cell may take before its process is killed.
    ///   - cpu: processor time of a cell.
    ///   - memoryBytes: the address space of the process.
    ///   - outputBytes: what is kept of each stream.
    ///   - outputKillBytes: the length of a stream that ends the session.
    ///   - valueBytes: the longest kept value.
    public init(
        wall: Duration = .seconds(6), cpu: Duration = .seconds(10), memoryBytes: Int = 512 << 20,
        outputBytes: Int = 256 << 10, outputKillBytes: Int = 16 << 20, valueBytes: Int = 4 << 10
    ) {
        self.wall = wall
        self.cpu = cpu
        self.memoryBytes = memoryBytes
        self.outputBytes = outputBytes
        self.outputKillBytes = outputKillBytes
        self.valueBytes = valueBytes
    }

    /// How long a cell may take before it is interrupted, which keeps what it has computed: five sixths of the wall.
    public var softWall: Duration { wall * 5 / 6 }

    /// Refuses limits that cannot be held.
    ///
    /// - Throws: `SandboxError` of kind usage naming the limit.
    public func validate() throws(SandboxError) {
        guard .milliseconds(1) <= wall, wall <= .seconds(86_400) else {
            throw .invalidLimit("wall_seconds", "\(wall / .seconds(1))", expected: "0.001 to 86400")
        }
        guard 64 << 20 <= memoryBytes, memoryBytes <= 1 << 40 else {
            throw .invalidLimit("memory_mb", "\(memoryBytes >> 20)", expected: "64 to 1048576")
        }
        guard 0...(8 << 20) ~= outputBytes else {
            throw .invalidLimit("output_bytes", "\(outputBytes)", expected: "0 to \(8 << 20)")
        }
    }
}
