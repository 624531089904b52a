/// Damages bytes in the ways in which files are damaged or forged, reproducibly from a seed.
package struct Mutator {
    private var generator: SplitMix
    /// Texts that are inserted now and then: what has a meaning to the format.
    private let vocabulary: [String]

    /// Starts the mutations of a seed.
    package init(seed: UInt64, vocabulary: [String] = []) {
        generator = SplitMix(seed: seed)
        self.vocabulary = vocabulary
    }

    /// A damaged copy: one to four mutations.
    package mutating func mutate(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...Int.random(in: 0..<4, using: &generator) where !bytes.isEmpty { apply(to: &bytes) }
        return bytes
    }

    private mutating func apply(to bytes: inout [UInt8]) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        // Where a format has words, every third mutation writes one.
        switch Int.random(in: 0..<(vocabulary.isEmpty ? 9 : 12), using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[place] = .random(in: 0...255, using: &generator)
        case 2: bytes.removeSubrange(place...)
        case 3, 4: overwrite(&bytes, at: place, with: extreme(bytes.count))
        case 5:
            let end = min(bytes.count, place + Int.random(in: 1...64, using: &generator))
            bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
        case 6: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...16, using: &generator)))
        case 7: bytes[place] = bytes[place] &+ 1
        default:
            guard let text = vocabulary.randomElement(using: &generator) else { return bytes[place] = 0xFF }
            let end = min(bytes.count, place + Int.random(in: 0...text.utf8.count, using: &generator))
            bytes.replaceSubrange(place..<end, with: text.utf8)
        }
    }

    /// Counts and offsets at the edges of what integers and the file can hold.
    private mutating func extreme(_ count: Int) -> (value: UInt64, width: Int) {
        let values: [UInt64] = [
            0, 1, 2, 0x7F, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x1_0000_0000, 1 << 61, 1 << 62, 1 << 63,
            UInt64(Int.max), .max, .max - 31, UInt64(count), UInt64(count) + 1, UInt64(count) / 2,
        ]
        return (values.randomElement(using: &generator) ?? 0, Bool.random(using: &generator) ? 4 : 8)
    }

    private func overwrite(_ bytes: inout [UInt8], at place: Int, with field: (value: UInt64, width: Int)) {
        for index in 0..<field.width where place + index < bytes.count {
            bytes[place + index] = UInt8(truncatingIfNeeded: field.value >> UInt64(8 * index))
        }
    }
}
