internal import OrderedCollections
internal import StoaCore

/// What the supervisor measured of a cell or of a process that ended.
struct EndReport: Sendable, Hashable {
    /// Why a process ended.
    enum Reason: UInt32, Sendable {
        case itself, wall, cpu, output, violation, memory
    }

    let wall: Duration
    let cpu: Duration
    let peakResidentKilobytes: Int
    let code: Int?
    let signal: Int?
    let reason: Reason

    init?(_ payload: [UInt8]) {
        var reader = ByteReader(payload[...])
        guard let wall = reader.uint64(), let cpu = reader.uint64(), let peak = reader.uint64(),
            let code = reader.int32(), let signal = reader.int32(),
            let reason = reader.uint32().flatMap(Reason.init(rawValue:))
        else { return nil }
        self.wall = .microseconds(Int64(clamping: wall))
        self.cpu = .microseconds(Int64(clamping: cpu))
        peakResidentKilobytes = Int(clamping: peak)
        self.code = code < 0 ? nil : Int(code)
        self.signal = signal == 0 ? nil : Int(signal)
        self.reason = reason
    }
}

/// What the driver said of a cell.
///
/// It is the word of a process in which untrusted code ran: everything is checked for form, nothing is believed of time
/// or of ends.
struct DriverAnswer: Sendable, Hashable {
    let value: String?
    let isValueTruncated: Bool
    let exception: SandboxResult.Exception?
    let isTimeout: Bool
    let limit: SandboxResult.Limit?
    let exitCode: Int?
    /// What was given to `final_answer`.
    let answer: String?
    /// Whether `final_answer` is something else by now.
    let isAnswerReplaced: Bool
    let peakResidentKilobytes: Int

    /// Reads the answer; nil for anything of another form.
    init?(_ payload: [UInt8], valueLimit: Int) {
        guard let document = try? JSONParser.parse(payload), let members = document.objectValue,
            let isTimeout = members["timeout"]?.boolValue, let isCut = members["value_cut"]?.boolValue,
            let value = members["value"], let exception = members["exception"], let limit = members["limit"],
            let code = members["code"], let final = members["answer"],
            let isReplaced = members["answer_replaced"]?.boolValue, let peak = members["peak_rss_kb"]?.intValue,
            peak >= 0
        else { return nil }
        switch value {
        case .null: self.value = nil
        case .string(let text) where text.utf8.count <= valueLimit: self.value = text
        default: return nil
        }
        switch final {
        case .null: answer = nil
        case .string(let text) where text.utf8.count <= valueLimit: answer = text
        default: return nil
        }
        switch exception {
        case .null: self.exception = nil
        default:
            guard let type = exception["type"]?.stringValue, let message = exception["message"]?.stringValue,
                let traceback = exception["traceback"]?.stringValue
            else { return nil }
            self.exception = .init(type: type, message: message, traceback: traceback)
        }
        switch limit {
        case .null: self.limit = nil
        case "memory": self.limit = .memory
        case "files": self.limit = .files
        default: return nil
        }
        switch code {
        case .null: exitCode = nil
        default:
            guard let number = code.intValue, 0...255 ~= number else { return nil }
            exitCode = number
        }
        self.isTimeout = isTimeout
        isValueTruncated = isCut
        isAnswerReplaced = isReplaced
        peakResidentKilobytes = peak
    }
}

/// What a sandbox said once it stood.
struct ReadyReport: Sendable, Hashable {
    /// The interpreter's version.
    let python: String
    /// The versions of what was imported.
    let packages: [String: String]
    /// What could not be imported.
    let missing: [String]

    /// The ways out that are tried in every sandbox before it gets any code.
    static let probes = [
        "host_files", "read_only", "fork", "socket", "process_1", "terminal", "environment", "user",
    ]

    /// Reads the report.
    ///
    /// - Parameter payload: the frame's payload.
    /// - Throws: `SandboxError` naming the probes that did not find a wall.
    init(_ payload: [UInt8]) throws(SandboxError) {
        guard let document = try? JSONParser.parse(payload), let python = document["python"]?.stringValue,
            let probes = document["probes"], let packages = document["packages"]?.objectValue,
            let missing = document["missing"]?.arrayValue
        else { throw .unavailable("its driver reports in an unknown form", cure: SandboxError.reinstall) }
        let open = Self.probes.filter { probes[$0] != true }
        guard open.isEmpty else {
            throw .unavailable(
                "it does not hold: the probes \(open.joined(separator: ", ")) found a way out",
                cure: "check that bwrap is the real one (run: bwrap --version); nothing was run")
        }
        self.python = python
        self.packages = Dictionary(uniqueKeysWithValues: packages.map { ($0.key, $0.value.stringValue ?? "") })
        self.missing = missing.compactMap(\.stringValue)
    }
}

extension SandboxError {
    static let reinstall = "build or install stoa again, so that stoa-sandbox-init is the one that belongs to it"
}
