/// Finds stop strings in a text that arrives in pieces, and says what of it may be shown already.
///
/// Pieces are bytes and may be cut anywhere, inside a character or inside a stop string. Bytes that could be the
/// beginning of a stop string are held back until it is clear that they are not. The text is cut at the stop string
/// that is complete first; of several that are complete at the same byte, at the longest.
///
/// Determinism: what is emitted in all, and the match, depend on the bytes only, not on how they were cut into pieces.
/// Complexity: linear in the bytes, times the number of stop strings (Knuth, Morris and Pratt for each).
public struct StopMatcher: Sendable {
    /// A stop string that was found.
    public struct Match: Sendable, Hashable {
        /// Its place in the list of stop strings.
        public let index: Int
        /// Where it begins, in bytes from the beginning of the text.
        public let start: Int
        /// Where it ends, in bytes from the beginning of the text: what comes after was never part of the text.
        public let end: Int

        /// Creates a match.
        ///
        /// - Parameters:
        ///   - index: the place of the stop string in the list.
        ///   - start: where it begins.
        ///   - end: where it ends.
        public init(index: Int, start: Int, end: Int) {
            self.index = index
            self.start = start
            self.end = end
        }
    }

    /// What a piece brought.
    public struct Step: Sendable, Hashable {
        /// Bytes that may be shown now, after those of earlier steps.
        public let emitted: [UInt8]
        /// The stop string that ends the text, if this piece completes one; pieces after it bring nothing.
        public let match: Match?
    }

    /// One stop string and how much of it the text ends with at present.
    private struct Pattern {
        let bytes: [UInt8]
        /// At i: the length of the longest proper prefix of the first i + 1 bytes that is also a suffix of them.
        let borders: [Int]
        var matched = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            var borders = [Int](repeating: 0, count: bytes.count)
            for index in bytes.indices.dropFirst() {
                var length = borders[index - 1]
                while length > 0, bytes[length] != bytes[index] { length = borders[length - 1] }
                borders[index] = bytes[length] == bytes[index] ? length + 1 : 0
            }
            self.borders = borders
        }

        /// Whether the pattern is complete with this byte.
        mutating func advance(_ byte: UInt8) -> Bool {
            while matched > 0, bytes[matched] != byte { matched = borders[matched - 1] }
            if bytes[matched] == byte { matched += 1 }
            return matched == bytes.count
        }
    }

    private var patterns: [Pattern]
    private let includesMatch: Bool
    /// The end of the text that may be the beginning of a stop string.
    private var held: [UInt8] = []
    private var position = 0

    /// The stop string that ended the text; nil while it goes on.
    public private(set) var match: Match?

    /// Creates a matcher at the beginning of a text.
    ///
    /// - Parameters:
    ///   - patterns: the stop strings as bytes, none of them empty; with none, everything is emitted at once.
    ///   - includesMatch: whether the stop string that is found is emitted too.
    public init(patterns: [[UInt8]], includesMatch: Bool) {
        precondition(patterns.allSatisfy { !$0.isEmpty }, "a stop string is not empty")
        self.patterns = patterns.map(Pattern.init)
        self.includesMatch = includesMatch
    }

    /// How many bytes are held back.
    public var heldCount: Int { held.count }

    /// Takes the next piece of the text.
    ///
    /// - Parameter bytes: the piece; may be empty.
    /// - Returns: what may be shown, and the match if there is one.
    public mutating func feed(_ bytes: some Sequence<UInt8>) -> Step {
        guard match == nil else { return Step(emitted: [], match: nil) }
        for byte in bytes {
            held.append(byte)
            position += 1
            var found: Int?
            for index in patterns.indices {
                guard patterns[index].advance(byte) else { continue }
                if let best = found, patterns[best].bytes.count >= patterns[index].bytes.count { continue }
                found = index
            }
            guard let found else { continue }
            let length = patterns[found].bytes.count
            let match = Match(index: found, start: position - length, end: position)
            self.match = match
            if !includesMatch { held.removeLast(length) }
            return Step(emitted: release(keeping: 0), match: match)
        }
        return Step(emitted: release(keeping: patterns.reduce(0) { max($0, $1.matched) }), match: nil)
    }

    /// Ends the text: nothing more will come, so nothing need be held back.
    ///
    /// - Returns: the bytes that were held back.
    public mutating func finish() -> [UInt8] { release(keeping: 0) }

    private mutating func release(keeping count: Int) -> [UInt8] {
        let emitted = Array(held.dropLast(count))
        held.removeFirst(emitted.count)
        return emitted
    }
}
