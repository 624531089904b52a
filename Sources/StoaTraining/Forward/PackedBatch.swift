internal import StoaCore

/// Sequences one behind the other, without padding: what one pass takes.
///
/// Sequences are independent: attention stays inside each, and everything else works on rows.
struct PackedBatch {
    /// Tokens of all sequences: M of them.
    private(set) var tokens: [TokenID] = []
    /// The position of each row in its sequence.
    private(set) var positions: [Int32] = []
    /// Sequence s has rows `offsets[s]..<offsets[s + 1]`.
    private(set) var offsets: [Int] = [0]
    /// The rows whose next token counts, in order, and that token.
    private(set) var scoredRows: [Int] = []
    private(set) var targets: [Int32] = []
    /// The part of `scoredRows` that belongs to each sequence.
    private(set) var scoredRanges: [Range<Int>] = []

    init(_ sequences: [TrainingSequence]) {
        for sequence in sequences {
            let first = tokens.count
            let firstScored = scoredRows.count
            tokens.append(contentsOf: sequence.tokens)
            positions.append(contentsOf: (0..<Int32(sequence.tokens.count)))
            for (index, counts) in sequence.isScored.enumerated() where counts {
                scoredRows.append(first + index - 1)
                targets.append(sequence.tokens[index].rawValue)
            }
            scoredRanges.append(firstScored..<scoredRows.count)
            offsets.append(tokens.count)
        }
    }

    /// M.
    var rows: Int { tokens.count }
    var longest: Int { zip(offsets.dropFirst(), offsets).map { $0 - $1 }.max() ?? 0 }
}
