/// Finds the texts that are tokens as they stand: at each place the longest, from left to right.
///
/// A trie whose edges lie in one hash table; node 0 is the root.
struct AddedTokenMatcher: Sendable {
    private var edges: PairTable
    private var tokens: [Int32] = [-1]
    private var isFirstByte = [Bool](repeating: false, count: 256)

    /// Whether there is nothing to find.
    var isEmpty: Bool { tokens.count == 1 }

    /// Builds a matcher for the tokens with these ids.
    init(_ ids: [Int32], of strings: PackedStrings) throws(TokenizerError) {
        edges = PairTable(capacity: ids.reduce(0) { $0 + strings.range(Int($1)).count })
        for id in ids {
            var node: Int32 = 0
            let text = strings[Int(id)]
            if let first = text.first { isFirstByte[Int(first)] = true }
            for byte in text {
                if let edge = edges.find(node, Int32(byte)) {
                    node = edge.id
                    continue
                }
                let child = Int32(tokens.count)
                guard edges.insert(PairTable.Entry(left: node, right: Int32(byte), rank: 0, id: child)) else {
                    throw TokenizerError(.invalidVocabulary, "the special tokens collide too often to be indexed")
                }
                tokens.append(-1)
                node = child
            }
            tokens[Int(node)] = id
        }
    }

    /// Calls `body` with the place and id of each occurrence within `range`; occurrences do not overlap.
    func scan(_ bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>, Int32) -> Void) {
        guard !isEmpty else { return }
        var start = range.lowerBound
        while start < range.upperBound {
            if isFirstByte[Int(bytes[start])], let (end, id) = longest(bytes, start, range.upperBound) {
                body(start..<end, id)
                start = end
            } else {
                start += 1
            }
        }
    }

    /// The token whose text is `text`.
    func exact(_ text: [UInt8]) -> Int32? {
        guard !text.isEmpty, let (end, id) = longest(text, 0, text.count), end == text.count else { return nil }
        return id
    }

    private func longest(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> (end: Int, id: Int32)? {
        var node: Int32 = 0
        var found: (Int, Int32)?
        var index = start
        while index < limit, let edge = edges.find(node, Int32(bytes[index])) {
            node = edge.id
            index += 1
            if tokens[Int(node)] >= 0 { found = (index, tokens[Int(node)]) }
        }
        return found
    }
}
