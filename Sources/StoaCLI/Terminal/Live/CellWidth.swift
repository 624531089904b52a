/// How many cells of a terminal text takes.
///
/// Terminals disagree about emoji, flags and joined sequences. Where they do, this is the widest of what they show: a line
/// that is thought too long is cut a little early, one that is thought too short breaks the picture.
package enum CellWidth {
    /// The cells of a text without control characters.
    package static func of(_ text: String) -> Int {
        var sum = 0
        for character in text { sum += of(character) }
        return sum
    }

    /// The cells of a character: of its scalars together.
    package static func of(_ character: Character) -> Int {
        var sum = 0
        var previous = 0
        for scalar in character.unicodeScalars {
            // After this selector a narrow symbol may be shown as a wide picture.
            let width = scalar.value == 0xFE0F ? (previous == 2 ? 0 : 1) : of(scalar)
            sum += width
            previous = width
        }
        return sum
    }

    /// The cells of a scalar: 0, 1 or 2.
    package static func of(_ scalar: Unicode.Scalar) -> Int {
        if (0x20..<0x7F).contains(scalar.value) { return 1 }
        switch scalar.properties.generalCategory {
        case .control, .nonspacingMark, .enclosingMark: return 0
        // The soft hyphen and signs that stand under numbers are shown; joiners and direction marks are not.
        case .format: return scalar.value == 0xAD || (0x600...0x605).contains(scalar.value) ? 1 : 0
        default: return isWide(scalar) ? 2 : 1
        }
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x1100 else { return false }
        if scalar.properties.isEmojiPresentation || scalar.properties.isEmojiModifier { return true }
        return wide.contains { $0.contains(scalar.value) }
    }

    /// Blocks whose characters are wide or full-width by Unicode's East Asian Width.
    ///
    /// Whole blocks are named, so a few characters in them that are not assigned yet count as wide too. Emoji outside of
    /// these blocks are known by their properties.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0xA4CF,
        0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D37F, 0x1F000...0x1F2FF,
        0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
