/// The printable alphabet in which byte-level vocabularies spell their tokens: one scalar per byte.
///
/// A printable Latin-1 byte stands for itself; the others follow from U+0100 on, in order.
enum ByteAlphabet {
    /// The scalar that spells each byte.
    static let scalars: [UInt32] = {
        var next: UInt32 = 0x100
        return (0..<256).map { (byte: UInt32) in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
            default:
                defer { next += 1 }
                return next
            }
        }
    }()

    /// The byte that each scalar below U+0180 spells, or nil.
    private static let bytes: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 0x180)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar)] = UInt8(byte) }
        return table
    }()

    /// The bytes that a token's text spells; nil where a scalar is not of the alphabet or the text is not UTF-8.
    static func decode(_ text: [UInt8], _ range: Range<Int>, into output: inout [UInt8]) -> Bool {
        let table = bytes
        var index = range.lowerBound
        while index < range.upperBound {
            let lead = text[index]
            if lead < 0x80 {
                guard let byte = table[Int(lead)] else { return false }
                output.append(byte)
                index += 1
                continue
            }
            // The alphabet ends below U+0180, so that two bytes suffice.
            guard lead & 0xE0 == 0xC0, index + 1 < range.upperBound, text[index + 1] & 0xC0 == 0x80 else {
                return false
            }
            let scalar = Int(lead & 0x1F) << 6 | Int(text[index + 1] & 0x3F)
            guard scalar >= 0x80, scalar < table.count, let byte = table[scalar] else { return false }
            output.append(byte)
            index += 2
        }
        return true
    }
}
