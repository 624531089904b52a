/// Python's classification of characters, as `str` methods and the template grammar use it.
package enum PythonText {
    /// Whether `str.isspace` holds for the scalar.
    package static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Whether `str.splitlines` breaks at the scalar.
    package static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Whether `str.isprintable` holds, which decides what `repr` escapes.
    package static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value >= 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    /// Whether `str.isalpha` holds.
    package static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// Whether the scalar has case, in the sense of `str.title` and `str.islower`.
    package static func isCased(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isLowercase || scalar.properties.isUppercase
            || scalar.properties.generalCategory == .titlecaseLetter
    }

    /// Whether a name may start with the scalar.
    package static func startsName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isXIDStart
    }

    /// Whether a name may go on with the scalar.
    package static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isXIDContinue
    }

    /// The number of bytes of white space at `offset`.
    package static func spaceLength(in bytes: [UInt8], from offset: Int, to end: Int) -> Int {
        var index = offset
        while index < end {
            let byte = bytes[index]
            if byte < 0x80 {
                guard isSpace(Unicode.Scalar(byte)) else { break }
                index += 1
            } else {
                var next = index + 1
                while next < end, bytes[next] & 0xC0 == 0x80 { next += 1 }
                guard let scalar = String(decoding: bytes[index..<next], as: UTF8.self).unicodeScalars.first,
                    isSpace(scalar)
                else { break }
                index = next
            }
        }
        return index - offset
    }
}
