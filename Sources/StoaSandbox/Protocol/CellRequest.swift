internal import OrderedCollections
internal import StoaCore

/// One cell as the supervisor and the driver are told of it.
struct CellRequest: Sendable {
    /// The longest code.
    static let maximumCodeBytes = 4 << 20

    let code: String
    /// The name that tracebacks give it.
    let name: String
    let seed: UInt64
    /// Whether the code is a whole program: what asked to be called at the end is called.
    let isProgram: Bool
    let limits: SandboxLimits
    /// Lowers the address space of a sandbox that was started with more; nil leaves it.
    let memoryBytes: Int?
    /// Whether `final_answer` is there; decided by the first cell of a session.
    var offersAnswer = false
    /// What `__name__` is; decided by the first cell of a session.
    var module = "__main__"
    /// The function that is called instead of running code.
    var call: SandboxCall?
    /// 128 bits that the answer must repeat.
    let nonce: (UInt64, UInt64)

    /// The frame for the supervisor.
    func frame(_ sequence: UInt32) -> SandboxFrame {
        var writer = ByteWriter()
        writer.append(Self.microseconds(limits.wall))
        writer.append(Self.microseconds(limits.cpu))
        writer.append(UInt64(limits.outputBytes))
        writer.append(UInt64(limits.outputKillBytes))
        writer.append(UInt64(memoryBytes ?? 0))
        writer.append(nonce.0)
        writer.append(nonce.1)
        let document: JSONValue = [
            "code": .string(code), "name": .string(name), "soft_seconds": .number(limits.softWall / .seconds(1)),
            "value_bytes": .integer(Int64(min(limits.valueBytes, limits.outputBytes))), "once": .bool(isProgram),
            "final_answer": .bool(offersAnswer), "module": .string(module),
            "call": call.map { ["function": .string($0.function), "arguments": $0.arguments] } ?? .null,
            // Python's own generators take the seed as a signed number of any size; JSON as 64 bits.
            "seed": .integer(Int64(bitPattern: seed) & Int64.max),
        ]
        writer.bytes += Array(document.text.utf8)
        return SandboxFrame(kind: .run, sequence: sequence, payload: writer.bytes)
    }

    private static func microseconds(_ duration: Duration) -> UInt64 {
        UInt64(max(1, (duration / .microseconds(1)).rounded()))
    }
}
