/// A set of byte strings, as a grammar is put together from.
indirect enum GrammarPattern: Sendable, Hashable {
    /// One byte of a range.
    case byte(UInt8, UInt8)
    /// Several patterns one after the other; none is the empty text.
    case sequence([GrammarPattern])
    /// One of several patterns; none is no text at all.
    case choice([GrammarPattern])
    /// A pattern several times; no most for any number. The pattern itself must not match the empty text.
    case loop(GrammarPattern, least: Int, most: Int?)
    /// A rule of the grammar, which may contain itself.
    case rule(Int)

    /// The empty text.
    static let empty = GrammarPattern.sequence([])
    /// No text at all.
    static let nothing = GrammarPattern.choice([])

    /// A text as it stands.
    static func text(_ text: String) -> GrammarPattern { .sequence(text.utf8.map { .byte($0, $0) }) }

    /// A pattern or nothing.
    static func optional(_ pattern: GrammarPattern) -> GrammarPattern { .choice([.empty, pattern]) }

    /// Whether the pattern may be empty; rules never are.
    var mayBeEmpty: Bool {
        switch self {
        case .byte, .rule: false
        case .sequence(let parts): parts.allSatisfy(\.mayBeEmpty)
        case .choice(let parts): parts.contains(where: \.mayBeEmpty)
        case .loop(let body, let least, _): least == 0 || body.mayBeEmpty
        }
    }
}

// MARK: - Characters

extension GrammarPattern {
    /// One character of ranges of Unicode scalars, in UTF-8.
    ///
    /// - Parameter ranges: the scalars; surrogates among them are left out.
    /// - Returns: the pattern.
    static func scalars(_ ranges: [ClosedRange<UInt32>]) -> GrammarPattern {
        var parts: [GrammarPattern] = []
        for range in ranges {
            // No range may cross a length of the encoding, or the surrogates.
            for whole: ClosedRange<UInt32> in [
                0...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
            ]
            where range.overlaps(whole) {
                let cut = range.clamped(to: whole)
                parts.append(between(utf8(cut.lowerBound)[...], utf8(cut.upperBound)[...]))
            }
        }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private static func utf8(_ scalar: UInt32) -> [UInt8] {
        Unicode.Scalar(scalar).map { Array(UTF8.encode($0) ?? .init()) } ?? []
    }

    /// The byte strings between two of one length, where all bytes but the first continue a character.
    private static func between(_ low: ArraySlice<UInt8>, _ high: ArraySlice<UInt8>) -> GrammarPattern {
        guard let first = low.first, let last = high.first else { return .empty }
        let (lows, highs) = (low.dropFirst(), high.dropFirst())
        if lows.isEmpty { return .byte(first, last) }
        if first == last { return .sequence([.byte(first, first), between(lows, highs)]) }
        let all = (Array(repeating: UInt8(0x80), count: lows.count), Array(repeating: UInt8(0xBF), count: lows.count))
        var parts: [GrammarPattern] = []
        var (from, to) = (first, last)
        if lows.contains(where: { $0 != 0x80 }) {
            parts.append(.sequence([.byte(first, first), between(lows, all.1[...])]))
            from += 1
        }
        if highs.contains(where: { $0 != 0xBF }) {
            parts.append(.sequence([.byte(last, last), between(all.0[...], highs)]))
            to -= 1
        }
        if from <= to { parts.append(.sequence([.byte(from, to), between(all.0[...], all.1[...])])) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }
}
