internal import OrderedCollections
internal import StoaCore

/// What is said of a tool of kind `http`.
struct HTTPDescription: Sendable, Hashable {
    /// A header's value: fixed text, and the variable whose value follows it.
    struct Header: Sendable, Hashable {
        var name: String
        var text: String
        /// The variable's name; nil where the text is all.
        var secret: String?
    }

    var method = "GET"
    var template: HTTPTemplate
    var headers: [Header] = []
    var timeout: Duration = .seconds(30)
    /// The longest answer.
    var maximumBytes = 1 << 20

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    /// Whether arguments without a place in the URL become the body rather than the query.
    var hasBody: Bool { ["POST", "PUT", "PATCH"].contains(method) }

    /// Reads a description.
    ///
    /// - Parameter specification: the tool; its options are `url`, which is needed, `method` and `headers`.
    /// - Throws: `ToolError` naming the member.
    init(_ specification: ToolSpecification) throws(ToolError) {
        let (document, tool) = (specification.options, specification.name)
        if let wall = specification.limits.wall { timeout = wall }
        if let bytes = specification.limits.outputBytes { maximumBytes = bytes }
        guard let url = document["url"]?.stringValue else {
            throw .invalid(tool, "options.url: expected an absolute URL of http or https")
        }
        do { template = try HTTPTemplate(url) } catch { throw .invalid(tool, "options.url: \(error.reason)") }
        if let value = document["method"] {
            guard let method = value.stringValue?.uppercased(), Self.methods.contains(method) else {
                throw .invalid(
                    tool, "options.method: expected one of \(Self.methods.joined(separator: ", ")), found \(value.text)"
                )
            }
            self.method = method
        }
        guard let value = document["headers"] else { return }
        guard let members = value.objectValue else { throw .invalid(tool, "options.headers: expected an object") }
        for (name, value) in members { headers.append(try Self.header(name, value, tool)) }
    }

    /// Headers that belong to the connection, and the one that would name another host.
    private static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "proxy-authorization",
        "expect", "accept-encoding",
    ]

    private static func header(_ name: String, _ value: JSONValue, _ tool: String) throws(ToolError) -> Header {
        let isToken = name.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        guard !name.isEmpty, isToken, !reserved.contains(name.lowercased()) else {
            throw .invalid(tool, "options.headers: \"\(name)\" is no header that a tool may set")
        }
        guard let text = value.stringValue, isHeaderValue(text) else {
            throw .invalid(tool, "options.headers.\(name): expected a line of text")
        }
        guard let (text, secret) = split(text) else {
            throw .invalid(tool, "options.headers.\(name): expected the name of a variable behind env:")
        }
        return Header(name: name, text: text, secret: secret)
    }

    static func isHeaderValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { 0x20...0x7E ~= $0 || $0 == 0x09 || $0 >= 0x80 }
    }

    /// `env:NAME`, or text, a space and `env:NAME`; nil where the name is none.
    private static func split(_ text: String) -> (text: String, secret: String?)? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let last = words.last, last.hasPrefix("env:") else { return (text, nil) }
        let name = String(last.dropFirst(4))
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") }) else {
            return nil
        }
        return (String(text.dropLast(last.count)), name)
    }
}
