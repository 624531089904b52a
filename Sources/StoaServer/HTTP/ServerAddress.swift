/// Hosts, as servers are bound to them and as clients name them.
enum ServerAddress {
    /// Whether only this machine reaches an address.
    ///
    /// - Parameter host: a name or an address, brackets of IPv6 optional.
    /// - Returns: whether it is a loopback one.
    static func isLoopback(_ host: String) -> Bool {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let name = bare.lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The host of `host:port`.
    static func host(ofAuthority authority: String) -> String {
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else { return authority }
        return String(authority[..<colon])
    }

    /// The address as clients write it.
    static func url(host: String, port: Int) -> String {
        "http://" + (host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host) + ":\(port)"
    }

    /// Why a request is not for this server; nil where it is.
    ///
    /// A web page that somebody visits may send requests to this machine, under the page's own name or one that leads here:
    /// neither gets an answer.
    ///
    /// - Parameters:
    ///   - authority: the host that the request names.
    ///   - origin: the page that sent it; nil for other programs.
    ///   - isLoopback: whether the server is for this machine only.
    /// - Returns: the reason.
    static func objection(authority: String?, origin: String?, isLoopback: Bool) -> String? {
        if let origin, origin != "http://\(authority ?? "")" { return "requests of other pages are not answered" }
        guard isLoopback else { return nil }
        guard let authority, Self.isLoopback(host(ofAuthority: authority)) else {
            return "expected a host of this machine, such as localhost"
        }
        return nil
    }
}
