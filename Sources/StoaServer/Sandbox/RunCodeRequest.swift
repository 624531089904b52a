internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

/// What `POST /run_code` is asked, as SandboxFusion defines it, and a session.
///
/// Members that there are not here (`compile_timeout`, `args`) mean nothing for Python and are let pass.
struct RunCodeRequest: Sendable, Hashable {
    var code: String
    var language: String
    /// Seconds.
    var runTimeout = 10.0
    /// nil for the server's own.
    var memoryMegabytes: Int?
    var standardInput: [UInt8]?
    var files: [String: [UInt8]] = [:]
    var fetches: [String] = []
    /// The session whose variables the code works with; nil for an interpreter of its own.
    var session: String?

    /// A body that cannot be read.
    struct Malformed: Error, Hashable {
        let detail: String

        init(_ detail: String) { self.detail = detail }
    }

    /// Reads a request.
    ///
    /// - Parameter body: a JSON document.
    /// - Throws: `Malformed` naming the member.
    init(_ body: [UInt8]) throws(Malformed) {
        let document: JSONValue
        do { document = try JSONParser.parse(body) } catch { throw Malformed("the body is no JSON: \(error.message)") }
        guard let members = document.objectValue else { throw Malformed("the body: expected an object") }
        func member(_ name: String) -> JSONValue? { members[name] == .null ? nil : members[name] }
        guard let code = member("code")?.stringValue else { throw Malformed("code: expected a string") }
        guard let language = member("language")?.stringValue else { throw Malformed("language: expected a string") }
        self.code = code
        self.language = language
        if let seconds = member("run_timeout") {
            guard let number = seconds.doubleValue, number > 0 else {
                throw Malformed("run_timeout: expected seconds, more than 0")
            }
            runTimeout = number
        }
        if let memory = member("memory_limit_MB") {
            guard let number = memory.intValue else { throw Malformed("memory_limit_MB: expected a whole number") }
            // SandboxFusion's -1 is no limit of the request's own.
            memoryMegabytes = number > 0 ? number : nil
        }
        if let input = member("stdin") {
            guard let text = input.stringValue else { throw Malformed("stdin: expected a string") }
            standardInput = Array(text.utf8)
        }
        files = try Self.files(member("files"))
        if let names = member("fetch_files") {
            guard let list = names.arrayValue else { throw Malformed("fetch_files: expected an array of strings") }
            for name in list {
                guard let text = name.stringValue else { throw Malformed("fetch_files: expected an array of strings") }
                fetches.append(text)
            }
        }
        guard let name = member("session_id") else { return }
        guard let text = name.stringValue, Self.isName(text) else {
            throw Malformed("session_id: expected 1 to 128 letters, digits, '.', '_' or '-'")
        }
        guard standardInput?.isEmpty ?? true else { throw Malformed("stdin: a session has none") }
        session = text
    }

    static func isName(_ text: String) -> Bool {
        1...128 ~= text.utf8.count
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func files(_ value: JSONValue?) throws(Malformed) -> [String: [UInt8]] {
        guard let value else { return [:] }
        guard let members = value.objectValue else { throw Malformed("files: expected an object") }
        var files: [String: [UInt8]] = [:]
        for (name, content) in members where content != .null {
            guard let bytes = content.stringValue.flatMap(Base64.decode) else {
                throw Malformed("files.\(name): expected Base64")
            }
            files[name] = bytes
        }
        return files
    }

    /// The limits that it asks for, never more than the server's own.
    ///
    /// SandboxFusion's timeout is the time that a program has; ours, at which it is interrupted, is five sixths of its wall.
    func limits(within policy: SandboxLimits, maximumRunTime: Duration) -> SandboxLimits {
        var limits = policy
        let seconds = min(runTimeout, maximumRunTime / .seconds(1))
        limits.wall = max(.milliseconds(10), .seconds(seconds) * 6 / 5)
        limits.cpu = limits.wall * 2
        if let memoryMegabytes {
            limits.memoryBytes = min(max(64, min(memoryMegabytes, 1 << 20)) << 20, policy.memoryBytes)
        }
        return limits
    }
}
