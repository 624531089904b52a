/// HTML or SVG.
///
/// Whatever text is put into it by interpolation is escaped; only literals and other markup stand as they are.
/// So text of a model cannot become markup by being forgotten: there is no way to put a `String` in unescaped.
struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
    private(set) var text: String

    /// Markup as it is written in the source.
    init(stringLiteral value: String) { text = value }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    private init(text: String) { self.text = text }

    /// A text, escaped.
    init(escaping text: String) { self.text = Self.escaped(text) }

    /// Pieces one behind the other.
    init(_ pieces: [Markup], separator: Markup = "") {
        text = pieces.map(\.text).joined(separator: separator.text)
    }

    static func + (first: Markup, second: Markup) -> Markup { Markup(text: first.text + second.text) }

    static func += (first: inout Markup, second: Markup) { first.text += second.text }

    /// Text in which nothing is a tag, an entity, the end of an attribute or an invisible control character.
    private static func escaped(_ text: String) -> String {
        var output = ""
        output.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case "\n", "\t": output.unicodeScalars.append(scalar)
            case "\r": break
            case _ where isHidden(scalar): output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    /// Control characters, and those that turn the direction of what follows around.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text: String

        init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
        mutating func appendInterpolation(_ string: String) { text += Markup.escaped(string) }
        mutating func appendInterpolation(_ number: Int) { text += String(number) }
        /// A coordinate, to a hundredth.
        mutating func appendInterpolation(_ number: Double) {
            text += NumberText.decimal(number, places: 2, trims: true)
        }
    }
}
