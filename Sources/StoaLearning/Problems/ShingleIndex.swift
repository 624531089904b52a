internal import StoaCore

/// Finds texts that share most of their word sequences with others.
///
/// Similarity is Jaccard's, of the sets of sequences of `width` words. Two sets that are as similar as the threshold share
/// one of their rarest sequences, so that only these are looked up.
///
/// Complexity: about linear in the number of texts, as long as rare sequences are rare.
struct ShingleIndex {
    /// Sequences by the hash of their words, in the order of their rarity in the index.
    struct Shingles: Sendable, Hashable {
        /// Ascending.
        let hashes: [UInt64]

        init(_ words: [String], width: Int) {
            var hashes: Set<UInt64> = []
            if words.count < width {
                if !words.isEmpty { hashes.insert(Self.hash(words[...])) }
            } else {
                for start in 0...(words.count - width) { hashes.insert(Self.hash(words[start..<(start + width)])) }
            }
            self.hashes = hashes.sorted()
        }

        /// FNV-1a of the words and the ends between them.
        private static func hash(_ words: ArraySlice<String>) -> UInt64 {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for word in words {
                for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
                hash = (hash ^ 0xFF) &* 0x100_0000_01B3
            }
            return hash
        }

        func similarity(to other: Shingles) -> Double {
            var (first, second, shared) = (0, 0, 0)
            while first < hashes.count, second < other.hashes.count {
                if hashes[first] == other.hashes[second] {
                    shared += 1
                    first += 1
                    second += 1
                } else if hashes[first] < other.hashes[second] {
                    first += 1
                } else {
                    second += 1
                }
            }
            let union = hashes.count + other.hashes.count - shared
            return union == 0 ? 1 : Double(shared) / Double(union)
        }
    }

    private let threshold: Double
    private let frequencies: [UInt64: Int]
    private var texts: [Shingles] = []
    private var places: [UInt64: [Int]] = [:]

    /// Prepares for texts, those that are put in and those that are looked up.
    init(threshold: Double, vocabulary: [Shingles]) {
        self.threshold = threshold
        var frequencies: [UInt64: Int] = [:]
        for text in vocabulary { for hash in text.hashes { frequencies[hash, default: 0] += 1 } }
        self.frequencies = frequencies
    }

    mutating func insert(_ text: Shingles) {
        for hash in rarest(text) { places[hash, default: []].append(texts.count) }
        texts.append(text)
    }

    /// The first text that is more similar than the threshold, by the order in which they were put in.
    func match(_ text: Shingles) -> Int? {
        var candidates: Set<Int> = []
        for hash in rarest(text) { candidates.formUnion(places[hash] ?? []) }
        return candidates.sorted().first { texts[$0].similarity(to: text) > threshold }
    }

    private func rarest(_ text: Shingles) -> ArraySlice<UInt64> {
        let count = text.hashes.count
        // One of two sets of similarity t shares at least t of the other's elements.
        let needed = count - Int((threshold * Double(count)).rounded(.up)) + 1
        return text.hashes.sorted { (frequencies[$0] ?? 0, $0) < (frequencies[$1] ?? 0, $1) }.prefix(max(1, needed))
    }
}
