internal import StoaCore
internal import StoaText

/// Leads one generation along a constraint.
///
/// Before each token it says which tokens may come: those behind which the text can still be completed within the tokens
/// that are left. For that each byte of the shortest completion counts as a token, so there always is a token, and the
/// text always gets complete.
struct OutputGuide {
    private let program: ConstraintProgram
    private let tokenizer: Tokenizer
    private let ends: [TokenID]
    private var state: GrammarMachine.State
    private var isFirst = true
    /// Tokens that may still come.
    private var left: Int

    /// Begins a text.
    ///
    /// - Parameters:
    ///   - program: the constraint.
    ///   - tokenizer: the vocabulary.
    ///   - ends: tokens that end a turn: allowed where the text is complete.
    ///   - budget: the most tokens of the text.
    /// - Throws: `ConstraintError` where the shortest text may take more tokens.
    init(
        _ program: ConstraintProgram, tokenizer: Tokenizer, ends: Set<TokenID>, budget: Int
    ) throws(ConstraintError) {
        self.program = program
        self.tokenizer = tokenizer
        self.ends = ends.sorted()
        state = program.machine.start
        left = budget
        let needed = program.machine.completion(state)
        guard needed <= budget else { throw ConstraintError.doesNotFit(needed: needed, available: budget) }
    }

    /// Whether the text is complete and nothing may follow.
    var isFinal: Bool { program.machine.isFinal(state) }

    /// The tokens that may come next, ends of a turn among them where the text is complete.
    func mask() -> TokenMask {
        var mask = program.mask(state, isFirst: isFirst, left: left - 1)
        if program.machine.isAccepting(state) {
            for end in ends where end.index < mask.vocabularySize { mask[end] = true }
        }
        return mask
    }

    /// Takes a token that was allowed.
    mutating func append(_ token: TokenID) {
        var bytes = tokenizer.bytes(of: token)[...]
        if isFirst, tokenizer.stripsLeadingSpace, bytes.first == 0x20 { bytes = bytes.dropFirst() }
        isFirst = false
        left -= 1
        for byte in bytes where state != GrammarMachine.dead { state = program.machine.step(state, byte) }
        precondition(state != GrammarMachine.dead, "a token that the mask does not allow was chosen")
    }
}
