internal import OrderedCollections
public import StoaCore

extension SandboxResult {
    /// The result object of the command-line contract.
    public var document: JSONValue {
        var members: JSONValue.Members = [
            "status": .string(status.rawValue),
            "limit": limit.map { .string($0.rawValue) } ?? .null,
            "stdout": .string(stdout.text),
            "stderr": .string(stderr.text),
            "truncated": [
                "stdout": .bool(stdout.isTruncated), "stderr": .bool(stderr.isTruncated),
                "value": .bool(isValueTruncated),
            ],
            "value": value.map { .string($0) } ?? .null,
            "exception": exception?.document ?? .null,
            "exit": ["code": Self.number(exit.code), "signal": Self.number(exit.signal)],
            "timing": [
                "queue_ms": Self.milliseconds(timing.queue), "start_ms": Self.milliseconds(timing.start),
                "wall_ms": Self.milliseconds(timing.wall), "cpu_ms": Self.milliseconds(timing.cpu),
            ],
            "peak_rss_kb": .integer(Int64(peakResidentKilobytes)),
            "session": [
                "id": .string(session.id), "cell": .integer(Int64(session.cell)), "alive": .bool(session.isAlive),
            ],
        ]
        if let answer { members["answer"] = .string(answer) }
        if let reason { members["reason"] = .string(reason) }
        return .object(members)
    }

    private static func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }

    private static func milliseconds(_ duration: Duration) -> JSONValue {
        .number((duration / .microseconds(1)).rounded() / 1000)
    }
}

extension SandboxResult.Exception {
    /// `{type, message, traceback}`.
    var document: JSONValue {
        ["type": .string(type), "message": .string(message), "traceback": .string(traceback)]
    }
}
