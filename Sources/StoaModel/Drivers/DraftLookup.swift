internal import StoaCore

/// Guesses the tokens that come next from where the text said the same before (prompt lookup decoding: the draft of a
/// speculative decoding without a second model; Leviathan et al., arXiv 2211.17192, for the idea of verified drafts).
///
/// Models repeat: names, numbers and sentences of the question, and themselves. The model verifies a draft in one pass over
/// all its tokens, which costs far less than a pass for each; since a row's bits do not depend on what shares its pass, the
/// tokens that come out are those that would have come out without any draft.
///
/// Complexity: one table access per token.
struct DraftLookup {
    /// Tokens that must have stood there in the same order before: fewer make drafts frequent and wrong.
    static let gram = 3
    /// The most tokens of a draft: beyond, a pass is bound by arithmetic, and a draft saves nothing.
    static let longest = 7
    /// Passes without a draft after drafts that came to nothing, at first and at most.
    private static let pauses = (first: 8, longest: 64)

    private struct Gram: Hashable {
        var first: TokenID
        var second: TokenID
        var third: TokenID
    }

    private var tokens: [TokenID]
    /// What follows each gram where it stood last: an index into `tokens`.
    private var places: [Gram: Int] = [:]
    /// What follows the gram that the text ends with now, where it stood before.
    private var match: Int?

    /// How long a draft may be at present: drafts that hold grow, others shrink.
    private var length = 2
    private var failures = 0
    private var pause = 0
    private var nextPause = pauses.first

    /// Reads what is there already.
    init(_ history: [TokenID]) {
        tokens = []
        tokens.reserveCapacity(history.count + 256)
        for token in history { append(token) }
    }

    /// Takes the next token of the text.
    mutating func append(_ token: TokenID) {
        tokens.append(token)
        guard tokens.count >= Self.gram else { return }
        let end = tokens.count
        let gram = Gram(first: tokens[end - 3], second: tokens[end - 2], third: tokens[end - 1])
        match = places.updateValue(end, forKey: gram)
    }

    /// The token that stood behind the same words before; nil where they are new.
    var next: TokenID? { match.map { tokens[$0] } }

    /// The tokens that may come next: none where nothing like it was said, or where drafts do not pay.
    ///
    /// - Parameter most: how many are of use.
    /// - Returns: at most that many.
    mutating func draft(most: Int) -> [TokenID] {
        guard pause == 0 else {
            pause -= 1
            return []
        }
        guard let match else { return [] }
        // What repeats with a short period goes on with it.
        let period = tokens.count - match
        return (0..<max(0, min(most, length))).map { tokens[match + $0 % period] }
    }

    /// Learns how much of a draft held.
    ///
    /// - Parameters:
    ///   - accepted: tokens that came out as drafted.
    ///   - drafted: tokens of the draft that were verified.
    mutating func note(accepted: Int, of drafted: Int) {
        guard drafted > 0 else { return }
        length = accepted == drafted ? min(Self.longest, max(length, drafted) * 2) : max(1, accepted)
        guard accepted == 0 else {
            (failures, nextPause) = (0, Self.pauses.first)
            return
        }
        failures += 1
        guard failures == 2 else { return }
        (failures, pause) = (0, nextPause)
        nextPause = min(Self.pauses.longest, nextPause * 2)
    }
}
