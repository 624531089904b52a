/// The address of a server's interface, as in `http://127.0.0.1:8080/v1`: scheme, host, port and a path.
///
/// User names and queries are refused: they may hold secrets, and addresses stand in journals and messages.
public struct ServerAddress: Sendable, Hashable {
    /// `http` or `https`.
    public let scheme: String
    /// The host's name or number, lower case; an IPv6 number in brackets.
    public let host: String
    /// The port; nil for the scheme's own.
    public let port: Int?
    /// From the first slash on, without a slash at the end; empty for none.
    public let path: String

    /// Reads an absolute address; nil for anything else.
    ///
    /// - Parameter text: `http://` or `https://`, a host, perhaps a port and a path.
    public init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound].lowercased()
        let rest = text[colon.upperBound...]
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        guard scheme == "http" || scheme == "https", Self.isPlain(rest),
            let (host, port) = Self.split(rest[..<end].lowercased())
        else { return nil }
        var path = rest[end...]
        while path.hasSuffix("/") { path.removeLast() }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = String(path)
    }

    /// Whether the text has only characters of an address without user name, query and fragment.
    private static func isPlain(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !text.contains { "@?#\\\"".contains($0) }
    }

    private static func split(_ authority: String) -> (host: String, port: Int?)? {
        // The colons inside the brackets of an IPv6 number are not the port's.
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[bracket...].lastIndex(of: ":") else {
            return authority.isEmpty ? nil : (authority, nil)
        }
        guard colon > authority.startIndex, let port = Int(authority[authority.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        return (String(authority[..<colon]), port)
    }

    /// Who answers: scheme, host and port, the port always written.
    public var origin: String { "\(scheme)://\(host):\(port ?? (scheme == "https" ? 443 : 80))" }

    /// Host and port as they were written.
    public var authority: String { port.map { "\(host):\($0)" } ?? host }

    /// Whether the server is on this machine, and nothing that is sent to it leaves the machine.
    public var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension ServerAddress: CustomStringConvertible {
    /// The address as text, without a slash at the end.
    public var description: String { "\(scheme)://\(authority)\(path)" }
}
