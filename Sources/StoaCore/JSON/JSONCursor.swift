/// A place in a JSON text, and what the parser and the scanner read alike: white space and strings.
struct JSONCursor {
    /// What half a surrogate pair in an escape becomes.
    enum LoneSurrogates {
        /// U+FFFD, so that strings stay valid Unicode.
        case repaired
        /// An error: two strings that differ in it only must not become equal.
        case refused
    }

    let bytes: UnsafeRawBufferPointer
    var index = 0

    var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    func error(_ reason: String, at offset: Int? = nil) -> JSONError {
        JSONError(reason, at: offset ?? index, in: bytes)
    }

    mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// Consumes what stands before the next quote, backslash, control character or end, and gives its range.
    mutating func plainRun() -> Range<Int> {
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\"),
            bytes[index] >= 0x20
        {
            index += 1
        }
        return start..<index
    }

    /// The bytes of a range as text; nil where they are not UTF-8.
    func text(_ range: Range<Int>) -> String? {
        String(validating: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    /// Consumes a string, its opening quote included, and gives it as text.
    mutating func string(_ surrogates: LoneSurrogates) throws(JSONError) -> String {
        let start = index
        index += 1
        let plain = plainRun()
        if current == UInt8(ascii: "\"") {
            // Most strings have no escape and are taken as they stand.
            guard let text = text(plain) else { throw error("string is not valid UTF-8", at: start) }
            index += 1
            return text
        }
        index = start
        var buffer: [UInt8] = []
        try string(into: &buffer, surrogates)
        // What was appended has been found to be UTF-8.
        return String(decoding: buffer, as: UTF8.self)
    }

    /// Consumes a string, its opening quote included, and appends its bytes, which are UTF-8.
    mutating func string(into buffer: inout [UInt8], _ surrogates: LoneSurrogates) throws(JSONError) {
        let start = index
        index += 1
        while true {
            let run = plainRun()
            // Escapes give whole characters, so text is valid where every run between them is.
            guard let byte = current else { throw error("string without an end", at: start) }
            guard isUTF8(run) else { throw error("string is not valid UTF-8", at: start) }
            buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[run]))
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return
            case UInt8(ascii: "\\"):
                index += 1
                try escape(into: &buffer, surrogates)
            default: throw error("control character in a string")
            }
        }
    }

    private func isUTF8(_ range: Range<Int>) -> Bool {
        let run = UnsafeRawBufferPointer(rebasing: bytes[range])
        return run.allSatisfy { $0 < 0x80 } || String(validating: run, as: UTF8.self) != nil
    }

    private mutating func escape(
        into buffer: inout [UInt8], _ surrogates: LoneSurrogates
    ) throws(JSONError) {
        guard let byte = current else { throw error("string without an end") }
        let start = index - 1
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try hexQuad()
            if (0xD800..<0xDC00).contains(scalar), current == UInt8(ascii: "\\"), index + 1 < bytes.count,
                bytes[index + 1] == UInt8(ascii: "u")
            {
                let rewind = index
                index += 2
                let low = try hexQuad()
                if (0xDC00..<0xE000).contains(low) {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    index = rewind
                }
            }
            let character = Unicode.Scalar(scalar)
            if character == nil, surrogates == .refused { throw error("lone surrogate in a string", at: start) }
            buffer.append(contentsOf: UTF8.encode(character ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
        default: throw error("unknown escape in a string", at: index - 1)
        }
    }

    private mutating func hexQuad() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
