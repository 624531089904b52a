/// Where a request goes: scheme, host and port.
struct HTTPOrigin: Sendable, Hashable {
    /// `http` or `https`.
    var scheme: String
    /// In small letters; an address of IPv6 without brackets.
    var host: String
    /// nil where none is written.
    var port: Int?

    /// The port that is connected to.
    var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }

    /// `host[:port]`, as the header Host has it.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        guard let port, port != (scheme == "https" ? 443 : 80) else { return name }
        return "\(name):\(port)"
    }

    /// Reads `host[:port]`; nil for anything else, user names included.
    init?(authority: String, scheme: String = "https") {
        self.scheme = scheme
        var rest = authority[...]
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end].lowercased()
            guard IPAddress(host) != nil, host.contains(":") else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<end].lowercased()
            guard Self.isName(host) else { return nil }
            rest = rest[end...]
        }
        guard !rest.isEmpty else { return }
        guard rest.hasPrefix(":"), let number = Int(rest.dropFirst()), 1...65_535 ~= number,
            rest.dropFirst().allSatisfy(\.isNumber)
        else { return nil }
        port = number
    }

    /// Letters, digits, hyphens and dots; a `*.` in front is for lists only.
    private static func isName(_ text: String) -> Bool {
        let name = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return name.utf8.count <= 253
            && labels.allSatisfy { label in
                1...63 ~= label.utf8.count
                    && label.utf8.allSatisfy { byte in
                        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    }
            }
    }

    /// Splits an absolute URL into its origin and the rest, which begins with `/`; nil for anything else.
    static func split(_ url: String) -> (origin: HTTPOrigin, target: String)? {
        guard let colon = url.range(of: "://") else { return nil }
        let scheme = url[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = url[colon.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard let origin = HTTPOrigin(authority: String(rest[..<end]), scheme: scheme), !origin.host.hasPrefix("*")
        else { return nil }
        // What follows a number sign is for the reader, not for the server.
        let tail = rest[end...].prefix { $0 != "#" }
        return (origin, tail.hasPrefix("/") ? String(tail) : "/" + tail)
    }
}

extension String {
    /// Where a text first stands; nil where it does not.
    fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}
