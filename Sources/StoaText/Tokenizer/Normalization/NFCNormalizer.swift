/// Normalisation form C over UTF-8, to the Unicode version of the reference's normaliser.
///
/// Source: Unicode Standard Annex #15; the tables record the behaviour of the PyPI package `tokenizers`, whose
/// normaliser knows fewer marks than current Unicode: to it a later mark is a starter and stays where it is.
struct NFCNormalizer: Sendable {
    static let shared = NFCNormalizer()

    /// One bit per scalar: set where a text that holds it may differ from its normal form.
    private var suspicious = [UInt64](repeating: 0, count: 0x110000 / 64)
    /// Scalar to the place of its decomposition in `NormalizationTable.decompositions`.
    private var decompositions: [UInt32: Int] = [:]
    private var compositions: [UInt64: UInt32] = [:]
    private var classes: [UInt32: UInt8] = [:]

    private init() {
        let decomposing = NormalizationTable.decompositions
        let composing = NormalizationTable.compositions
        let combining = NormalizationTable.combiningClasses
        var composites: Set<UInt32> = []
        for place in stride(from: 0, to: composing.count, by: 3) {
            compositions[Self.pair(composing[place], composing[place + 1])] = composing[place + 2]
            composites.insert(composing[place + 2])
            mark(composing[place + 1])
        }
        var place = 0
        while place < decomposing.count {
            decompositions[decomposing[place]] = place + 1
            if !composites.contains(decomposing[place]) { mark(decomposing[place]) }
            place += 2 + Int(decomposing[place + 1])
        }
        for place in stride(from: 0, to: combining.count, by: 3) {
            for scalar in combining[place]..<combining[place] + combining[place + 1] {
                classes[scalar] = UInt8(truncatingIfNeeded: combining[place + 2])
                mark(scalar)
            }
        }
        for scalar in Hangul.vowels { mark(scalar) }
        for scalar in Hangul.tails { mark(scalar) }
    }

    private static func pair(_ first: UInt32, _ second: UInt32) -> UInt64 { UInt64(first) << 32 | UInt64(second) }

    private mutating func mark(_ scalar: UInt32) { suspicious[Int(scalar >> 6)] |= 1 << UInt64(scalar & 63) }

    /// The normal form of `bytes[range]`, or nil where that is the text itself.
    ///
    /// - Parameters:
    ///   - bytes: valid UTF-8.
    ///   - range: the text within it, cut between scalars.
    /// - Returns: the bytes of the normal form; nil means that nothing changes.
    func normalize(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8]? {
        guard mayChange(bytes, range) else { return nil }
        var scalars: [UInt32] = []
        scalars.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, end) = UTF8Scalars.decode(bytes, at: index)
            decompose(scalar, into: &scalars)
            index = end
        }
        reorder(&scalars)
        compose(&scalars)
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        for scalar in scalars { UTF8Scalars.append(scalar, to: &output) }
        return output
    }

    private func mayChange(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            // Below U+0300, whose first byte is 0xCC, every text is in normal form.
            if bytes[index] < 0xCC {
                index += UTF8Scalars.length(lead: bytes[index])
                continue
            }
            let (scalar, end) = UTF8Scalars.decode(bytes, at: index)
            if suspicious[Int(scalar >> 6)] >> UInt64(scalar & 63) & 1 == 1 { return true }
            index = end
        }
        return false
    }

    private func decompose(_ scalar: UInt32, into output: inout [UInt32]) {
        if scalar < 0xC0 {
            output.append(scalar)
        } else if let syllable = Hangul.decompose(scalar) {
            output.append(syllable.lead)
            output.append(syllable.vowel)
            if let tail = syllable.tail { output.append(tail) }
        } else if let place = decompositions[scalar] {
            let table = NormalizationTable.decompositions
            output.append(contentsOf: table[place + 1...place + Int(table[place])])
        } else {
            output.append(scalar)
        }
    }

    private func combiningClass(_ scalar: UInt32) -> UInt8 { scalar < 0x300 ? 0 : classes[scalar] ?? 0 }

    /// Sorts each run of marks by class, keeping the order within a class.
    private func reorder(_ scalars: inout [UInt32]) {
        var start = 0
        while start < scalars.count {
            guard combiningClass(scalars[start]) != 0 else {
                start += 1
                continue
            }
            var end = start + 1
            while end < scalars.count, combiningClass(scalars[end]) != 0 { end += 1 }
            if end - start > 1 {
                let sorted = scalars[start..<end].enumerated()
                    .map { (order: UInt64(combiningClass($1)) << 32 | UInt64($0), scalar: $1) }
                    .sorted { $0.order < $1.order }
                for (offset, entry) in sorted.enumerated() { scalars[start + offset] = entry.scalar }
            }
            start = end
        }
    }

    /// Joins each starter with what follows it and is not blocked from it.
    private func compose(_ scalars: inout [UInt32]) {
        var starter: Int?
        var lastClass: UInt8 = 0
        var count = 0
        for index in scalars.indices {
            let scalar = scalars[index]
            let combining = combiningClass(scalar)
            if let place = starter, count == place + 1 || (lastClass != 0 && lastClass < combining),
                let composite = composite(scalars[place], scalar)
            {
                scalars[place] = composite
                continue
            }
            if combining == 0 { starter = count }
            lastClass = combining
            scalars[count] = scalar
            count += 1
        }
        scalars.removeSubrange(count...)
    }

    private func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        Hangul.compose(first, second) ?? compositions[Self.pair(first, second)]
    }
}

/// The arithmetic of Hangul syllables: Unicode Standard, section 3.12.
enum Hangul {
    static let leads: Range<UInt32> = 0x1100..<0x1113
    static let vowels: Range<UInt32> = 0x1161..<0x1176
    static let tails: Range<UInt32> = 0x11A8..<0x11C3
    private static let syllables: Range<UInt32> = 0xAC00..<0xD7A4

    static func decompose(_ scalar: UInt32) -> (lead: UInt32, vowel: UInt32, tail: UInt32?)? {
        guard syllables.contains(scalar) else { return nil }
        let offset = scalar - syllables.lowerBound
        let tail = offset % 28
        return (0x1100 + offset / 588, 0x1161 + offset % 588 / 28, tail == 0 ? nil : 0x11A7 + tail)
    }

    static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if leads.contains(first), vowels.contains(second) {
            return syllables.lowerBound + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
        }
        if syllables.contains(first), (first - syllables.lowerBound) % 28 == 0, tails.contains(second) {
            return first + (second - 0x11A7)
        }
        return nil
    }
}
