internal import OrderedCollections
internal import StoaCore

/// A URL with places for arguments: `https://api.example.com/items/{id}?q={query}`.
///
/// Scheme, host and port are fixed: no argument of a model's chooses where a request goes.
struct HTTPTemplate: Sendable, Hashable {
    private enum Piece: Sendable, Hashable {
        case text(String)
        case argument(String)
    }

    let origin: HTTPOrigin
    private let pieces: [Piece]

    /// Why a text is no template.
    struct Malformed: Error, Hashable {
        let reason: String
    }

    /// Reads a template.
    ///
    /// - Parameter text: an absolute URL of http or https.
    /// - Throws: `Malformed`.
    init(_ text: String) throws(Malformed) {
        guard let (origin, target) = HTTPOrigin.split(text) else {
            throw Malformed(reason: "expected http:// or https://, a host without places for arguments, and a path")
        }
        self.origin = origin
        var pieces: [Piece] = []
        var rest = target[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { throw Malformed(reason: "a { without its }") }
            let name = String(rest[rest.index(after: open)..<close])
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) else {
                throw Malformed(reason: "expected the name of an argument between { and }, found \"\(name)\"")
            }
            if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
            pieces.append(.argument(name))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        for case .text(let text) in pieces where !text.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != 0x7D }) {
            throw Malformed(reason: "expected printable ASCII without spaces, found \"\(text)\"")
        }
        self.pieces = pieces
    }

    /// The arguments that it has places for.
    var arguments: Set<String> {
        pieces.reduce(into: []) { names, piece in if case .argument(let name) = piece { names.insert(name) } }
    }

    /// The path and the query with arguments in their places.
    ///
    /// - Parameter values: the arguments.
    /// - Returns: the target of the request.
    /// - Throws: `Malformed` where an argument is missing, or would lead out of its part of the path.
    func target(_ values: JSONValue.Members) throws(Malformed) -> String {
        var target = ""
        for piece in pieces {
            switch piece {
            case .text(let text): target += text
            case .argument(let name):
                guard let value = values[name] else { throw Malformed(reason: "the argument \(name) is missing") }
                target += Self.encoded(Self.text(value))
            }
        }
        let path = target.prefix { $0 != "?" }
        // The template's own dots are its author's; those that come of arguments would leave the path that was meant.
        for segment in path.split(separator: "/") where segment == "." || segment == ".." {
            throw Malformed(reason: "an argument makes a part of the path \"\(segment)\"")
        }
        return target
    }

    /// A value as it stands in a URL, before it is encoded.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .null: ""
        default: value.text
        }
    }

    /// Everything but the letters that need no encoding anywhere in a URL.
    static func encoded(_ text: String) -> String {
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
