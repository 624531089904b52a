internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

extension SandboxResult {
    /// How a tool call ended whose code came to this.
    var toolStatus: ToolResult.Status { isOK ? .ok : limit == nil ? .failed : .limit }

    /// Why the code did not run to its end, in a sentence; nil where it did.
    func failure(_ limits: SandboxLimits) -> String? {
        if isOK { return nil }
        if let exception {
            return exception.message.isEmpty ? exception.type : "\(exception.type): \(exception.message)"
        }
        switch limit {
        case .softWall: return "it took longer than \(Self.seconds(limits.softWall)) and was interrupted"
        case .wall: return "it took longer than \(Self.seconds(limits.wall)) and was ended"
        case .cpu: return "it used more than \(Self.seconds(limits.cpu)) of processor time and was ended"
        case .memory: return "it used more memory than the \(limits.memoryBytes >> 20) MiB that it may, and was ended"
        case .output: return "it printed more than it may and was ended"
        case .files, nil: return reason ?? status.rawValue
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        "\(JSONValue.number((duration / .milliseconds(1)).rounded() / 1000).text) s"
    }

    /// What was observed of the call.
    var observations: JSONValue {
        var members = document.objectValue ?? [:]
        for name in ["stdout", "stderr", "value", "answer", "session"] { members[name] = nil }
        members["session_alive"] = .bool(session.isAlive)
        return .object(members)
    }
}

extension SandboxLimits {
    /// The limits of a tool's calls: the sandbox's own, where the tool says nothing.
    init(_ limits: ToolLimits) {
        self.init()
        if let wall = limits.wall {
            self.wall = wall
            cpu = max(cpu, wall * 2)
        }
        if let bytes = limits.memoryBytes { memoryBytes = bytes }
        if let bytes = limits.outputBytes { outputBytes = bytes }
    }
}

extension ToolSpecification {
    /// The set of packages that the tool's code may import; nil for none.
    ///
    /// - Throws: `ToolError` for a name that no set has.
    func packageSet() throws -> PackageSet? {
        guard let packages else { return nil }
        guard let set = PackageSet.all.first(where: { $0.name == packages }) else {
            let names = PackageSet.all.map(\.name).joined(separator: ", ")
            throw ToolError.invalid(name, "there are no packages \"\(packages)\": expected one of \(names)")
        }
        return set
    }
}
