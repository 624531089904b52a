extension TemplateLexer {
    /// Reads one word inside a tag: a number, a name, a string or a symbol; white space is skipped.
    mutating func word() throws(TemplateError) {
        let space = PythonText.spaceLength(in: bytes, from: position, to: bytes.count)
        if space > 0 {
            position += space
            return
        }
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): try string(quote: byte)
        default:
            if try name() { return }
            try symbol()
        }
    }

    private mutating func name() throws(TemplateError) -> Bool {
        let start = position
        var end = position
        while end < bytes.count {
            var next = end + 1
            while next < bytes.count, bytes[next] & 0xC0 == 0x80 { next += 1 }
            guard let scalar = String(decoding: bytes[end..<next], as: UTF8.self).unicodeScalars.first,
                PythonText.continuesName(scalar)
            else { break }
            end = next
        }
        guard end > start else { return false }
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        guard let first = text.unicodeScalars.first, PythonText.startsName(first) else {
            throw error("invalid character in a name", at: start)
        }
        position = end
        add(.name(text), at: start)
        return true
    }

    private mutating func symbol() throws(TemplateError) {
        let start = position
        for symbol in TemplateToken.Symbol.allCases {
            let text = symbol.rawValue.utf8
            guard bytes[start...].starts(with: text) else { continue }
            try balance(symbol)
            position += text.count
            add(.symbol(symbol), at: start)
            return
        }
        var end = start + 1
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        throw error("unexpected character '\(String(decoding: bytes[start..<end], as: UTF8.self))'", at: start)
    }

    private mutating func balance(_ symbol: TemplateToken.Symbol) throws(TemplateError) {
        switch symbol {
        case .leftBrace: openBrackets.append(.rightBrace)
        case .leftParenthesis: openBrackets.append(.rightParenthesis)
        case .leftBracket: openBrackets.append(.rightBracket)
        case .rightBrace, .rightParenthesis, .rightBracket:
            guard let expected = openBrackets.popLast() else {
                throw error("unexpected '\(symbol.rawValue)'", at: position)
            }
            guard expected == symbol else {
                throw error("unexpected '\(symbol.rawValue)', expected '\(expected.rawValue)'", at: position)
            }
        default: break
        }
    }

    /// Digits of `radix` from `offset`, single underscores between them allowed; the offset after them.
    private func digits(from offset: Int, radix: Int) -> Int {
        var index = offset
        while index < bytes.count {
            var digit = index
            if bytes[digit] == UInt8(ascii: "_"), index > offset || radix != 10 { digit += 1 }
            guard digit < bytes.count, let value = Character(Unicode.Scalar(bytes[digit])).hexDigitValue, value < radix
            else { break }
            index = digit + 1
        }
        return index
    }

    private mutating func number() throws(TemplateError) {
        let start = position
        let isItem = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
        if !isItem, let end = floatEnd(from: start) {
            let text = String(decoding: bytes[start..<end], as: UTF8.self).filter { $0 != "_" }
            guard let value = Double(text) else { throw error("malformed number", at: start) }
            position = end
            add(.float(value), at: start)
            return
        }
        let (end, radix, digitsStart) = integerEnd(from: start)
        let text = String(decoding: bytes[digitsStart..<end], as: UTF8.self).filter { $0 != "_" }
        guard let value = Int(text, radix: radix) else {
            throw error("integer beyond 64 bits", at: start)
        }
        position = end
        add(.integer(value), at: start)
    }

    private func integerEnd(from start: Int) -> (end: Int, radix: Int, digits: Int) {
        if bytes[start] == UInt8(ascii: "0"), start + 1 < bytes.count {
            let radix: Int? =
                switch bytes[start + 1] | 0x20 {
                case UInt8(ascii: "b"): 2
                case UInt8(ascii: "o"): 8
                case UInt8(ascii: "x"): 16
                default: nil
                }
            if let radix {
                let end = digits(from: start + 2, radix: radix)
                if end > start + 2 { return (end, radix, start + 2) }
            }
        }
        // A leading zero stands alone: 012 is 0 followed by 12, which the parser refuses, as Python does.
        if bytes[start] == UInt8(ascii: "0") {
            var end = start + 1
            while end < bytes.count, bytes[end] == UInt8(ascii: "0") { end += 1 }
            return (end, 10, start)
        }
        return (digits(from: start, radix: 10), 10, start)
    }

    private func floatEnd(from start: Int) -> Int? {
        var end = digits(from: start, radix: 10)
        var isFloat = false
        if end + 1 < bytes.count, bytes[end] == UInt8(ascii: ".") {
            let fraction = digits(from: end + 1, radix: 10)
            if fraction > end + 1 {
                end = fraction
                isFloat = true
            }
        }
        if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
            var exponent = end + 1
            if exponent < bytes.count, bytes[exponent] == UInt8(ascii: "+") || bytes[exponent] == UInt8(ascii: "-") {
                exponent += 1
            }
            let exponentEnd = digits(from: exponent, radix: 10)
            if exponentEnd > exponent {
                end = exponentEnd
                isFloat = true
            }
        }
        return isFloat ? end : nil
    }

    private mutating func string(quote: UInt8) throws(TemplateError) {
        let start = position
        var value: [UInt8] = []
        var index = start + 1
        while true {
            guard index < bytes.count else { throw error("string without an end", at: start) }
            let byte = bytes[index]
            index += 1
            if byte == quote { break }
            if byte == UInt8(ascii: "\\") {
                try escape(at: &index, start: start, into: &value)
            } else {
                value.append(byte)
            }
        }
        position = index
        add(.string(TemplateString(utf8: value, isTrusted: true)), at: start)
    }

    /// Decodes an escape as Python does; an unknown one stands for itself.
    private func escape(at index: inout Int, start: Int, into value: inout [UInt8]) throws(TemplateError) {
        guard index < bytes.count else { throw error("string without an end", at: start) }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\n"): break
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): value.append(byte)
        case UInt8(ascii: "a"): value.append(0x07)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "v"): value.append(0x0B)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var code = UInt32(byte - UInt8(ascii: "0"))
            var count = 1
            while count < 3, index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[index]) {
                code = code << 3 | UInt32(bytes[index] - UInt8(ascii: "0"))
                index += 1
                count += 1
            }
            append(code, to: &value)
        case UInt8(ascii: "x"): append(try hex(2, at: &index, start: start), to: &value)
        case UInt8(ascii: "u"): append(try hex(4, at: &index, start: start), to: &value)
        case UInt8(ascii: "U"): append(try hex(8, at: &index, start: start), to: &value)
        case UInt8(ascii: "N"): throw error("characters by name are not supported in strings", at: index - 2)
        default:
            value.append(UInt8(ascii: "\\"))
            value.append(byte)
        }
    }

    private func append(_ code: UInt32, to value: inout [UInt8]) {
        value.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    }

    private func hex(_ count: Int, at index: inout Int, start: Int) throws(TemplateError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<count {
            guard index < bytes.count, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw error("truncated escape in a string", at: index)
            }
            code = code << 4 | UInt32(digit)
            index += 1
        }
        guard code <= 0x10FFFF else { throw error("escape beyond Unicode in a string", at: index - count) }
        return code
    }
}
