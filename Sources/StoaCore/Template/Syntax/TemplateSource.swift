/// The text of a template with line breaks made uniform, and the places in it.
package struct TemplateSource: Sendable {
    package let name: String
    package let bytes: [UInt8]

    /// Creates a source.
    ///
    /// `\r\n` and `\r` become `\n`; one line break at the very end is dropped unless it is to be kept.
    package init(_ text: String, name: String, keepsTrailingNewline: Bool) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var previousWasReturn = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\r") {
                bytes.append(UInt8(ascii: "\n"))
            } else if byte != UInt8(ascii: "\n") || !previousWasReturn {
                bytes.append(byte)
            }
            previousWasReturn = byte == UInt8(ascii: "\r")
        }
        if !keepsTrailingNewline, bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        self.name = name
        self.bytes = bytes
    }

    /// An error about the place at the byte `offset`.
    package func error(_ code: TemplateError.Code, _ reason: String, at offset: Int) -> TemplateError {
        let place = max(0, min(offset, bytes.count))
        var line = 1
        var lineStart = 0
        for position in 0..<place where bytes[position] == UInt8(ascii: "\n") {
            line += 1
            lineStart = position + 1
        }
        let lineEnd = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        var column = 1
        for byte in bytes[lineStart..<place] where byte & 0xC0 != 0x80 { column += 1 }
        return TemplateError(
            code: code, reason: reason, name: name, line: line, column: column,
            excerpt: excerpt(line: lineStart..<lineEnd, at: place))
    }

    /// What surrounds a place in its line, at most 60 bytes of it.
    private func excerpt(line: Range<Int>, at place: Int) -> String {
        var start = max(line.lowerBound, place - 20)
        var end = min(line.upperBound, max(place, start) + 40)
        while start > line.lowerBound, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        while end < line.upperBound, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }
}

/// A piece of a template's source.
package struct TemplateToken: Sendable {
    package enum Kind: Sendable, Equatable {
        case data(TemplateString)
        case blockBegin
        case blockEnd
        case variableBegin
        case variableEnd
        case name(String)
        case string(TemplateString)
        case integer(Int)
        case float(Double)
        case symbol(Symbol)
        case end
    }

    package enum Symbol: String, Sendable, CaseIterable {
        case floorDivide = "//"
        case power = "**"
        case equal = "=="
        case notEqual = "!="
        case greaterOrEqual = ">="
        case lessOrEqual = "<="
        case add = "+"
        case subtract = "-"
        case divide = "/"
        case multiply = "*"
        case modulo = "%"
        case concatenate = "~"
        case leftBracket = "["
        case rightBracket = "]"
        case leftParenthesis = "("
        case rightParenthesis = ")"
        case leftBrace = "{"
        case rightBrace = "}"
        case greater = ">"
        case less = "<"
        case assign = "="
        case dot = "."
        case colon = ":"
        case pipe = "|"
        case comma = ","
        case semicolon = ";"
    }

    package let kind: Kind
    /// The offset of its first byte in the source.
    package let at: Int

    /// The token in words, for messages.
    package var description: String {
        switch kind {
        case .data: "text"
        case .blockBegin: "begin of statement block"
        case .blockEnd: "end of statement block"
        case .variableBegin: "begin of print statement"
        case .variableEnd: "end of print statement"
        case .name(let name): "'\(name)'"
        case .string: "string"
        case .integer: "integer"
        case .float: "float"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "end of template"
        }
    }
}
