internal import StoaCore
internal import StoaText

/// The bytes of a vocabulary's tokens as a tree, written down in the order in which it is walked.
///
/// Left out are tokens that are no text: marks of the protocol, holes in the numbering, and tokens without bytes.
struct TokenTrie: Sendable {
    /// One more byte behind those of the node above.
    struct Node: Sendable {
        var byte: UInt8
        /// Nodes above.
        var depth: Int32
        /// The first node that is not below this one.
        var end: Int32
        /// Where the tokens of exactly these bytes are in `tokens`.
        var tokens: Range<Int32>
    }

    /// The nodes, each before those below it.
    private(set) var nodes: [Node] = []
    /// The tokens, by their bytes.
    private(set) var tokens: [Int32] = []
    /// For each byte, whether there is a token of it alone.
    private(set) var isSpelled = Array(repeating: false, count: 256)
    /// Bytes of the longest token.
    private(set) var longest = 0
    /// Whether a space that begins a text is not part of it.
    let stripsSpace: Bool

    /// Reads a vocabulary.
    ///
    /// - Parameters:
    ///   - tokenizer: the vocabulary.
    ///   - vocabularySize: logits of a row; tokens beyond are left out.
    ///   - lengths: how many bytes tokens have; others are left out.
    init(_ tokenizer: Tokenizer, vocabularySize: Int, lengths: ClosedRange<Int>) {
        stripsSpace = tokenizer.stripsLeadingSpace
        var entries: [(key: UInt64, id: Int32, bytes: [UInt8])] = []
        for id in 0..<Int32(min(vocabularySize, tokenizer.vocabularySize)) {
            let token = TokenID(id)
            switch tokenizer.type(of: token) {
            case .normal, .userDefined, .byte: break
            case .control, .unknown, .unused: continue
            }
            guard !tokenizer.special.endOfTurn.contains(token) else { continue }
            let bytes = tokenizer.bytes(of: token)
            guard lengths.contains(bytes.count) else { continue }
            let key = (0..<8).reduce(UInt64(0)) { $0 << 8 | UInt64($1 < bytes.count ? bytes[$1] : 0) }
            entries.append((key, id, bytes))
        }
        entries.sort { first, second in
            if first.key != second.key { return first.key < second.key }
            if first.bytes == second.bytes { return first.id < second.id }
            return first.bytes.lexicographicallyPrecedes(second.bytes)
        }
        var open: [Int] = []
        var last: [UInt8] = []
        for (_, id, bytes) in entries {
            if bytes.count == 1 { isSpelled[Int(bytes[0])] = true }
            longest = max(longest, bytes.count)
            var common = 0
            while common < min(last.count, bytes.count), last[common] == bytes[common] { common += 1 }
            while open.count > common { nodes[open.removeLast()].end = Int32(nodes.count) }
            for depth in common..<bytes.count {
                let place = Int32(tokens.count)
                open.append(nodes.count)
                nodes.append(Node(byte: bytes[depth], depth: Int32(depth), end: 0, tokens: place..<place))
            }
            tokens.append(id)
            let node = open[open.count - 1]
            nodes[node].tokens = nodes[node].tokens.lowerBound..<Int32(tokens.count)
            last = bytes
        }
        while let node = open.popLast() { nodes[node].end = Int32(nodes.count) }
    }
}
