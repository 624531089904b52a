/// An HTTP address taken apart as far as redirects and credentials need it.
struct WebAddress: Sendable, Hashable {
    /// `http` or `https`.
    let scheme: String
    /// Host and port, lower case.
    let authority: String
    /// From the first slash on, query included; empty for none.
    let path: String

    /// Who answers: scheme, host and port.
    ///
    /// Credentials never leave it.
    var origin: String { "\(scheme)://\(authority)" }

    /// The address as text.
    var text: String { origin + path }

    /// Reads an absolute address; nil for any scheme but HTTP's, for no host, and for one with a user name.
    init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound].lowercased()
        let rest = text[colon.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end].lowercased()
        guard scheme == "http" || scheme == "https", !authority.isEmpty, !authority.contains("@"),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else { return nil }
        self.scheme = scheme
        self.authority = authority
        path = String(rest[end...])
    }

    /// Where a redirect leads.
    ///
    /// - Parameter location: the header's value: absolute, with a path from the root, or relative to this address.
    /// - Returns: the address, or nil for one that cannot be followed.
    func redirected(to location: String) -> WebAddress? {
        if location.contains("://") { return WebAddress(location) }
        if location.hasPrefix("//") { return WebAddress("\(scheme):\(location)") }
        if location.hasPrefix("/") { return WebAddress(origin + location) }
        let folder = path.prefix { $0 != "?" && $0 != "#" }
        let base = folder.lastIndex(of: "/").map { folder[...$0] } ?? "/"
        return WebAddress(origin + base + location)
    }
}
