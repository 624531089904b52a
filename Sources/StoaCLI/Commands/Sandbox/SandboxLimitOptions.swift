internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

/// The limits that commands take.
struct SandboxLimitOptions: ParsableArguments {
    @Option(name: .long, help: "Seconds after which the code is killed; it is interrupted after five sixths of them.")
    var timeout: Double?

    @Option(name: .long, help: "Memory, in MiB.")
    var memory: Int?

    /// What these options, the environment and the defaults come to.
    func resolve(in context: CommandContext) throws -> SandboxLimits {
        var limits = SandboxLimits()
        if let seconds = try context.settings.resolve(timeout, "timeout") { limits.setWall(seconds) }
        if let megabytes = try context.settings.resolve(memory, "memory") { limits.setMemory(megabytes) }
        try limits.validate()
        return limits
    }
}

extension SandboxLimits {
    /// Sets the hard wall; processor time may be twice as long.
    mutating func setWall(_ seconds: Double) {
        // What no duration can hold is refused with everything else that is too long.
        wall = .seconds(seconds.isFinite ? min(max(seconds, 0), 1e6) : 1e6)
        cpu = max(cpu, wall * 2)
    }

    mutating func setMemory(_ megabytes: Int) { memoryBytes = min(max(megabytes, 0), 1 << 40) << 20 }

    /// Reads `{wall_seconds, memory_mb, output_bytes}`; members that are missing keep their defaults.
    ///
    /// - Parameters:
    ///   - document: the object; nil for the defaults.
    ///   - path: where it was read, for messages.
    /// - Throws: `CLIError` for members of another name or form; `SandboxError` for limits that cannot be held.
    init(_ document: JSONValue?, path: String) throws {
        self.init()
        guard let document else { return }
        guard let members = document.objectValue else {
            throw CLIError.invalidInput(path, "limits: expected an object")
        }
        for (name, value) in members {
            switch name {
            case "wall_seconds":
                guard let seconds = value.doubleValue else {
                    throw CLIError.invalidInput(path, "limits.wall_seconds: expected a number, found \(value.text)")
                }
                setWall(seconds)
            case "memory_mb":
                guard let megabytes = value.intValue else {
                    throw CLIError.invalidInput(path, "limits.memory_mb: expected a whole number, found \(value.text)")
                }
                setMemory(megabytes)
            case "output_bytes":
                guard let bytes = value.intValue else {
                    throw CLIError.invalidInput(
                        path, "limits.output_bytes: expected a whole number, found \(value.text)")
                }
                outputBytes = bytes
            default:
                throw CLIError.invalidInput(
                    path, "limits.\(name): expected wall_seconds, memory_mb or output_bytes")
            }
        }
        try validate()
    }
}
