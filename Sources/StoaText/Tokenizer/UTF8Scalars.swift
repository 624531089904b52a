/// Reading scalars out of UTF-8 that is known to be valid.
enum UTF8Scalars {
    /// The number of bytes of the sequence that begins with `lead`.
    @inline(__always)
    static func length(lead: UInt8) -> Int {
        if lead < 0x80 { return 1 }
        if lead < 0xE0 { return 2 }
        return lead < 0xF0 ? 3 : 4
    }

    /// The scalar at `index` and the index after it.
    @inline(__always)
    static func decode(_ bytes: [UInt8], at index: Int) -> (scalar: UInt32, end: Int) {
        let lead = UInt32(bytes[index])
        if lead < 0x80 { return (lead, index + 1) }
        let second = UInt32(bytes[index + 1]) & 0x3F
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | second, index + 2) }
        let third = UInt32(bytes[index + 2]) & 0x3F
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | second << 6 | third, index + 3) }
        let fourth = UInt32(bytes[index + 3]) & 0x3F
        return ((lead & 0x07) << 18 | second << 12 | third << 6 | fourth, index + 4)
    }

    /// Appends a scalar's bytes.
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        switch scalar {
        case 0..<0x80: bytes.append(UInt8(scalar))
        case 0x80..<0x800:
            bytes.append(UInt8(0xC0 | scalar >> 6))
            bytes.append(UInt8(0x80 | scalar & 0x3F))
        case 0x800..<0x10000:
            bytes.append(UInt8(0xE0 | scalar >> 12))
            bytes.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            bytes.append(UInt8(0x80 | scalar & 0x3F))
        default:
            bytes.append(UInt8(0xF0 | scalar >> 18 & 0x07))
            bytes.append(UInt8(0x80 | scalar >> 12 & 0x3F))
            bytes.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            bytes.append(UInt8(0x80 | scalar & 0x3F))
        }
    }

    /// How many bytes at the end of `bytes` begin a sequence that more bytes could complete: 0 to 3.
    static func incompleteSuffix(of bytes: some BidirectionalCollection<UInt8>) -> Int {
        var count = 0
        var tail = bytes.endIndex
        while count < 3, tail > bytes.startIndex {
            tail = bytes.index(before: tail)
            count += 1
            let lead = bytes[tail]
            if lead & 0xC0 == 0x80 { continue }
            guard lead >= 0xC2, lead <= 0xF4, count < length(lead: lead) else { return 0 }
            guard count > 1 else { return 1 }
            // Some second bytes are never valid: overlong forms, surrogates, beyond U+10FFFF.
            let second = bytes[bytes.index(after: tail)]
            switch lead {
            case 0xE0 where second < 0xA0, 0xED where second > 0x9F: return 0
            case 0xF0 where second < 0x90, 0xF4 where second > 0x8F: return 0
            default: return count
            }
        }
        return 0
    }
}
