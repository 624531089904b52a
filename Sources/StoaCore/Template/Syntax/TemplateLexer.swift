/// Splits a template into text, tags and the words inside tags.
///
/// White space around tags is settled here, by the signs in the tags (`-`, `+`) and the options.
package struct TemplateLexer {
    let source: TemplateSource
    let options: TemplateOptions
    var position = 0
    var tokens: [TemplateToken] = []
    /// Brackets that are open inside the current tag: a tag can't end before they are closed.
    var openBrackets: [TemplateToken.Symbol] = []
    /// Whether the last thing read ended with a line break, so that blanks before a tag are at the start of a line.
    private var startsLine = true

    private init(source: TemplateSource, options: TemplateOptions) {
        self.source = source
        self.options = options
    }

    /// Splits a whole template.
    package static func tokens(
        of source: TemplateSource, options: TemplateOptions
    ) throws(TemplateError) -> [TemplateToken] {
        var lexer = TemplateLexer(source: source, options: options)
        try lexer.template()
        lexer.add(.end, at: lexer.bytes.count)
        return lexer.tokens
    }

    /// Splits a bare expression.
    package static func expressionTokens(of source: TemplateSource) throws(TemplateError) -> [TemplateToken] {
        var lexer = TemplateLexer(source: source, options: TemplateOptions())
        while lexer.position < lexer.bytes.count { try lexer.word() }
        lexer.add(.end, at: lexer.bytes.count)
        return lexer.tokens
    }

    var bytes: [UInt8] { source.bytes }

    func error(_ reason: String, at offset: Int) -> TemplateError { source.error(.syntax, reason, at: offset) }

    mutating func add(_ kind: TemplateToken.Kind, at offset: Int) {
        tokens.append(TemplateToken(kind: kind, at: offset))
    }

    func matches(_ text: StaticString, at offset: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset + count <= bytes.count else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[offset..<offset + count]) }
    }

    private enum Tag {
        case block
        case variable
        case comment
        case raw(end: Int)
    }

    private mutating func template() throws(TemplateError) {
        while position < bytes.count {
            let start = position
            guard let (tag, offset) = nextTag() else {
                text(start..<bytes.count)
                position = bytes.count
                return
            }
            let sign = offset + 2 < bytes.count ? bytes[offset + 2] : 0
            let isVariable = if case .variable = tag { true } else { false }
            text(textRange(start..<offset, sign: sign, isVariable: isVariable))
            let hasSign = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
            position = offset + (hasSign ? 3 : 2)
            switch tag {
            case .comment: try comment(from: offset)
            case .raw(let end):
                position = end
                startsLine = bytes[end - 1] == UInt8(ascii: "\n")
                try raw(from: offset)
            case .block:
                add(.blockBegin, at: offset)
                try body(endsBlock: true)
            case .variable:
                add(.variableBegin, at: offset)
                try body(endsBlock: false)
            }
        }
    }

    private func nextTag() -> (Tag, Int)? {
        var offset = position
        while offset + 1 < bytes.count {
            if bytes[offset] == UInt8(ascii: "{") {
                switch bytes[offset + 1] {
                case UInt8(ascii: "{"): return (.variable, offset)
                case UInt8(ascii: "#"): return (.comment, offset)
                case UInt8(ascii: "%"):
                    if let end = rawTagEnd(from: offset) { return (.raw(end: end), offset) }
                    return (.block, offset)
                default: break
                }
            }
            offset += 1
        }
        return nil
    }

    /// The text before a tag, less what the tag's sign or the options strip from its end.
    private func textRange(_ range: Range<Int>, sign: UInt8, isVariable: Bool) -> Range<Int> {
        if sign == UInt8(ascii: "-") {
            return range.lowerBound..<endWithoutSpace(range)
        }
        guard options.stripsBlocks, sign != UInt8(ascii: "+"), !isVariable else { return range }
        let lineBreak = bytes[range].lastIndex(of: UInt8(ascii: "\n"))
        guard lineBreak != nil || startsLine else { return range }
        let lineStart = lineBreak.map { $0 + 1 } ?? range.lowerBound
        let space = PythonText.spaceLength(in: bytes, from: lineStart, to: range.upperBound)
        return lineStart + space == range.upperBound ? range.lowerBound..<lineStart : range
    }

    private func endWithoutSpace(_ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound {
            var start = end - 1
            while start > range.lowerBound, bytes[start] & 0xC0 == 0x80 { start -= 1 }
            guard PythonText.spaceLength(in: bytes, from: start, to: end) == end - start else { break }
            end = start
        }
        return end
    }

    private mutating func text(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        add(.data(TemplateString(utf8: Array(bytes[range]), isTrusted: true)), at: range.lowerBound)
    }

    private mutating func comment(from start: Int) throws(TemplateError) {
        let bodyStart = position
        var offset = position
        while offset + 1 < bytes.count {
            if matches("#}", at: offset) {
                position = offset + 2
                trimAfterEnd(sign: offset > bodyStart ? bytes[offset - 1] : 0)
                return
            }
            offset += 1
        }
        throw error("missing end of comment tag", at: start)
    }

    /// Drops what follows the end of a tag, whose position is just after it.
    private mutating func trimAfterEnd(sign: UInt8) {
        if sign == UInt8(ascii: "-") {
            position += PythonText.spaceLength(in: bytes, from: position, to: bytes.count)
        } else if sign != UInt8(ascii: "+"), options.trimsBlocks, position < bytes.count,
            bytes[position] == UInt8(ascii: "\n")
        {
            position += 1
        }
        startsLine = bytes[position - 1] == UInt8(ascii: "\n")
    }

    /// The end of a `{% raw %}` tag that starts at `offset`, or nil where another tag does.
    private func rawTagEnd(from offset: Int) -> Int? {
        var index = offset + 2
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") { index += 1 }
        index += PythonText.spaceLength(in: bytes, from: index, to: bytes.count)
        guard matches("raw", at: index) else { return nil }
        index += 3
        index += PythonText.spaceLength(in: bytes, from: index, to: bytes.count)
        if matches("-%}", at: index) {
            return index + 3 + PythonText.spaceLength(in: bytes, from: index + 3, to: bytes.count)
        }
        return matches("%}", at: index) ? index + 2 : nil
    }

    private mutating func raw(from start: Int) throws(TemplateError) {
        let textStart = position
        var offset = position
        while offset + 1 < bytes.count {
            if matches("{%", at: offset), let (end, endSign) = endRawTag(from: offset) {
                let sign = bytes[offset + 2]
                text(textRange(textStart..<offset, sign: sign, isVariable: false))
                position = end
                trimAfterEnd(sign: endSign)
                return
            }
            offset += 1
        }
        throw error("missing end of raw directive", at: start)
    }

    private func endRawTag(from offset: Int) -> (end: Int, sign: UInt8)? {
        var index = offset + 2
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") { index += 1 }
        index += PythonText.spaceLength(in: bytes, from: index, to: bytes.count)
        guard matches("endraw", at: index) else { return nil }
        index += 6
        index += PythonText.spaceLength(in: bytes, from: index, to: bytes.count)
        if matches("%}", at: index) { return (index + 2, 0) }
        guard matches("-%}", at: index) || matches("+%}", at: index) else { return nil }
        return (index + 3, bytes[index])
    }

    /// Reads the words of a tag up to its end.
    private mutating func body(endsBlock: Bool) throws(TemplateError) {
        openBrackets.removeAll()
        while position < bytes.count {
            if openBrackets.isEmpty, let sign = tagEnd(endsBlock: endsBlock) {
                add(endsBlock ? .blockEnd : .variableEnd, at: position)
                position += sign == 0 ? 2 : 3
                if endsBlock {
                    trimAfterEnd(sign: sign)
                } else {
                    if sign != 0 { position += PythonText.spaceLength(in: bytes, from: position, to: bytes.count) }
                    startsLine = bytes[position - 1] == UInt8(ascii: "\n")
                }
                return
            }
            try word()
        }
    }

    /// The sign of the tag's end at the current position (0 for none), or nil where the tag goes on.
    private func tagEnd(endsBlock: Bool) -> UInt8? {
        if endsBlock {
            if matches("%}", at: position) { return 0 }
            if matches("-%}", at: position) || matches("+%}", at: position) { return bytes[position] }
            return nil
        }
        if matches("}}", at: position) { return 0 }
        return matches("-}}", at: position) ? bytes[position] : nil
    }
}
