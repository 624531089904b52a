internal import OrderedCollections
internal import StoaCore

/// One comparison of two candidates: asked in both orders, and won only where both say so.
///
/// Whoever prefers a place and not an answer says "1" twice, or "2" twice, and so decides nothing.
struct PairMatch: Sendable {
    /// What was said in one order.
    enum Vote: Sendable, Hashable {
        /// The candidate that was preferred, by its index.
        case candidate(Int)
        case tie
        /// The reply could not be read.
        case unparsed
    }

    /// The candidates' indices, in the order in which they are shown first.
    let pair: (first: Int, second: Int)
    /// What was said, in the order given and in the other one; nothing is asked about equal texts.
    private(set) var votes: [Vote] = []
    private var question: StructuredQuestion?

    init(_ first: Int, _ second: Int) { pair = (first, second) }

    /// Whether both orders were asked.
    var isOver: Bool { votes.count == 2 }

    /// The candidate that won, by its index; nil for a tie.
    var winner: Int? {
        guard votes.count == 2, votes[0] == votes[1], case .candidate(let index) = votes[0] else { return nil }
        return index
    }

    /// Whether the verdict depended on the order.
    var isInconsistent: Bool { isOver && votes[0] != votes[1] && !votes.contains(.unparsed) }

    /// The place, 1 or 2, that was preferred in both orders; nil where none was.
    var preferredPlace: Int? {
        guard isOver, case .candidate(let one) = votes[0], case .candidate(let other) = votes[1], one != other else {
            return nil
        }
        return one == pair.first ? 1 : 2
    }

    /// Two equal texts are equally good.
    mutating func settleAsEqual() { votes = [.tie, .tie] }

    /// The next question; nil where there is none.
    ///
    /// - Parameter make: makes the question about two candidates, in this order.
    /// - Returns: what the model is asked.
    /// - Throws: what `make` throws.
    mutating func ask(_ make: (Int, Int) throws -> StructuredQuestion) rethrows -> ModelRequest? {
        guard !isOver else { return nil }
        let made = votes.isEmpty ? try make(pair.first, pair.second) : try make(pair.second, pair.first)
        question = made
        return made.request
    }

    /// Takes a reply; gives the question that it is sent back with, where it is.
    mutating func take(_ reply: ModelReply) -> ModelRequest? {
        guard var asked = question else { return nil }
        let shown = votes.isEmpty ? [pair.first, pair.second] : [pair.second, pair.first]
        switch asked.take(reply) {
        case .again(let request):
            question = asked
            return request
        case .unreadable: votes.append(.unparsed)
        case .answer(let value):
            switch PairContract.choice(value) {
            case .first: votes.append(.candidate(shown[0]))
            case .second: votes.append(.candidate(shown[1]))
            case .tie: votes.append(.tie)
            case nil: votes.append(.unparsed)
            }
        }
        question = nil
        return nil
    }

    /// `{first, second, winner, votes, consistent}`; candidates by their index from 0, `votes` as was said in each order.
    var document: JSONValue {
        [
            "first": .integer(Int64(pair.first)), "second": .integer(Int64(pair.second)),
            "winner": winner.map { .integer(Int64($0)) } ?? .null,
            "votes": .array(
                votes.map { vote in
                    switch vote {
                    case .candidate(let index): .integer(Int64(index))
                    case .tie: "tie"
                    case .unparsed: "unparsed"
                    }
                }),
            "consistent": .bool(isOver && !isInconsistent && !votes.contains(.unparsed)),
        ]
    }
}
