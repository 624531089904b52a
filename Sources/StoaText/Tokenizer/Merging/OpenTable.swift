/// The longest walk through a table that a well-meant vocabulary can cause; beyond it the file is refused, so that
/// one made to collide cannot make loading quadratic.
private let longestWalk = 4096

/// A power of two that keeps a table of `count` entries at most half full.
private func slotCount(for count: Int) -> Int {
    var slots = 16
    while slots < 2 * count { slots *= 2 }
    return slots
}

/// Spreads the bits of a key over the upper half of the word.
@inline(__always)
private func spread(_ key: UInt64) -> UInt64 {
    let mixed = (key ^ (key >> 32)) &* 0x9E37_79B9_7F4A_7C15
    return (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9
}

/// A hash table from a pair of ids to a rank and an id, with open addressing.
struct PairTable: Sendable {
    struct Entry: Sendable {
        var left: Int32
        var right: Int32
        var rank: UInt32
        var id: Int32
    }

    private var slots: [Entry]
    private let shift: UInt64

    init(capacity: Int) {
        let count = slotCount(for: capacity)
        slots = Array(repeating: Entry(left: -1, right: -1, rank: 0, id: -1), count: count)
        shift = UInt64(64 - count.trailingZeroBitCount)
    }

    @inline(__always)
    private func home(_ left: Int32, _ right: Int32) -> Int {
        Int(spread(UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))) >> shift)
    }

    /// Adds an entry; one with the same pair is replaced.
    ///
    /// - Parameter entry: what to add; `left` is not negative.
    /// - Returns: false where the table's walks have grown too long.
    mutating func insert(_ entry: Entry) -> Bool {
        var slot = home(entry.left, entry.right)
        for _ in 0..<longestWalk {
            if slots[slot].left < 0 || (slots[slot].left == entry.left && slots[slot].right == entry.right) {
                slots[slot] = entry
                return true
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return false
    }

    @inline(__always)
    func find(_ left: Int32, _ right: Int32) -> Entry? {
        var slot = home(left, right)
        while true {
            let entry = slots[slot]
            if entry.left == left, entry.right == right { return entry }
            if entry.left < 0 { return nil }
            slot = (slot + 1) & (slots.count - 1)
        }
    }
}

/// A hash over bytes that can be fed piece by piece.
struct ByteHash {
    private(set) var value: UInt64 = 0

    @inline(__always)
    mutating func update(_ byte: UInt8) { value = (value &+ UInt64(byte) &+ 1) &* 0x2545_F491_4F6C_DD1D }

    @inline(__always)
    mutating func update(_ bytes: [UInt8], _ range: Range<Int>) {
        for index in range { update(bytes[index]) }
    }
}

/// A hash table from the bytes of a token to its id, with open addressing.
///
/// A slot holds 32 bits of the hash beside the id, so that a miss rarely looks at a token's bytes.
struct TokenIndex: Sendable {
    private let strings: PackedStrings
    private var slots: [UInt64]
    private let shift: UInt64
    /// The longest string, in bytes.
    private(set) var longest = 0

    /// An empty index over `strings`; `capacity` strings at most will be inserted.
    init(over strings: PackedStrings, capacity: Int) {
        self.strings = strings
        let count = slotCount(for: capacity)
        slots = Array(repeating: 0, count: count)
        shift = UInt64(64 - count.trailingZeroBitCount)
    }

    enum Insertion {
        case inserted
        case duplicate(of: Int)
        case refused
    }

    /// Adds string `id`.
    mutating func insert(_ id: Int) -> Insertion {
        let range = strings.range(id)
        var hash = ByteHash()
        hash.update(strings.bytes, range)
        let spreadHash = spread(hash.value)
        let tag = spreadHash & 0xFFFF_FFFF
        var slot = Int(spreadHash >> shift)
        for _ in 0..<longestWalk {
            let entry = slots[slot]
            if entry == 0 {
                slots[slot] = tag << 32 | UInt64(id + 1)
                longest = max(longest, range.count)
                return .inserted
            }
            if entry >> 32 == tag, strings[Int(entry & 0xFFFF_FFFF) - 1] == strings.bytes[range] {
                return .duplicate(of: Int(entry & 0xFFFF_FFFF) - 1)
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return .refused
    }

    /// The id of the string `bytes[range]`.
    @inline(__always)
    func find(_ bytes: [UInt8], _ range: Range<Int>) -> Int32? {
        guard range.count <= longest else { return nil }
        var hash = ByteHash()
        hash.update(bytes, range)
        return find(hash) { candidate in
            guard candidate.count == range.count else { return false }
            for offset in 0..<range.count
            where strings.bytes[candidate.lowerBound + offset] != bytes[range.lowerBound + offset] { return false }
            return true
        }
    }

    /// The id of the string that is string `left` followed by string `right`.
    @inline(__always)
    func find(_ left: Int32, _ right: Int32) -> Int32? {
        let first = strings.range(Int(left))
        let second = strings.range(Int(right))
        guard first.count + second.count <= longest else { return nil }
        var hash = ByteHash()
        hash.update(strings.bytes, first)
        hash.update(strings.bytes, second)
        return find(hash) { candidate in
            guard candidate.count == first.count + second.count else { return false }
            for offset in 0..<first.count
            where strings.bytes[candidate.lowerBound + offset] != strings.bytes[first.lowerBound + offset] {
                return false
            }
            let middle = candidate.lowerBound + first.count
            for offset in 0..<second.count
            where strings.bytes[middle + offset] != strings.bytes[second.lowerBound + offset] { return false }
            return true
        }
    }

    @inline(__always)
    private func find(_ hash: ByteHash, _ matches: (Range<Int>) -> Bool) -> Int32? {
        let spreadHash = spread(hash.value)
        let tag = spreadHash & 0xFFFF_FFFF
        var slot = Int(spreadHash >> shift)
        while true {
            let entry = slots[slot]
            if entry == 0 { return nil }
            if entry >> 32 == tag {
                let id = Int(entry & 0xFFFF_FFFF) - 1
                if matches(strings.range(id)) { return Int32(truncatingIfNeeded: id) }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
    }
}
