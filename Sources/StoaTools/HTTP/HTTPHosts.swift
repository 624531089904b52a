internal import StoaCore

/// The hosts that tools may talk to: what the user's configuration lists, and nothing that a playbook says.
///
/// An entry is `HOST[:PORT] [env:NAME …]`: a name, an address, or `*.` and the end of names; without a port, those of http and
/// https; and the variables whose values may be sent there. `http_hosts` in `stoa.yaml` is a list of them.
public struct HTTPHosts: Sendable, Hashable {
    private struct Entry: Sendable, Hashable {
        var host: String
        var port: Int?
        var secrets: Set<String>

        func covers(_ host: String, _ port: Int, _ scheme: String) -> Bool {
            let standard = scheme == "https" ? 443 : 80
            guard port == self.port ?? standard else { return false }
            if self.host.hasPrefix("*.") {
                return host.hasSuffix(self.host.dropFirst()) && host.utf8.count >= self.host.utf8.count
            }
            return host == self.host
        }
    }

    private var entries: [Entry] = []

    /// No host at all.
    public static let none = HTTPHosts()

    private init() {}

    /// Reads a list of entries.
    ///
    /// - Parameter entries: the entries.
    /// - Throws: `ToolError` naming one that cannot be read.
    public init(_ entries: [String]) throws(ToolError) {
        for text in entries { self.entries.append(try Self.entry(text)) }
    }

    private static func entry(_ text: String) throws(ToolError) -> Entry {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first, let place = HTTPOrigin(authority: first) else {
            throw ToolError.invalidHost(text)
        }
        var secrets: Set<String> = []
        for word in words.dropFirst() {
            guard word.hasPrefix("env:"), word.utf8.count > 4 else { throw ToolError.invalidHost(text) }
            secrets.insert(String(word.dropFirst(4)))
        }
        return Entry(host: place.host, port: place.port, secrets: secrets)
    }

    /// Whether a tool may talk to a host.
    func allows(_ origin: HTTPOrigin) -> Bool {
        entries.contains { $0.covers(origin.host, origin.effectivePort, origin.scheme) }
    }

    /// Whether a variable's value may be sent to a host.
    func allows(secret name: String, to origin: HTTPOrigin) -> Bool {
        entries.contains { $0.covers(origin.host, origin.effectivePort, origin.scheme) && $0.secrets.contains(name) }
    }

    /// Whether an address may be connected to: every public one, and of the others those that are listed themselves.
    ///
    /// A name that is listed may lead anywhere, also into this machine or its network; that it does so is not what the user
    /// has allowed by listing it.
    func allows(address: String, for origin: HTTPOrigin) -> Bool {
        guard let parsed = IPAddress(address) else { return false }
        if parsed.isPublic { return true }
        let port = origin.effectivePort
        if entries.contains(where: { IPAddress($0.host) == parsed && $0.covers($0.host, port, origin.scheme) }) {
            return true
        }
        return parsed.isLoopback
            && entries.contains { $0.host == "localhost" && $0.covers("localhost", port, origin.scheme) }
    }
}

extension ToolError {
    static func invalidHost(_ text: String) -> ToolError {
        ToolError(
            code: .invalidTool, kind: .badInput,
            message: "http_hosts: expected HOST[:PORT] [env:NAME ...], found \"\(text)\"")
    }
}
