internal import StoaCore
internal import StoaText

/// A constraint made ready for one vocabulary: which tokens are allowed in each state of its grammar.
///
/// What is found out about a state is kept, so that the next text pays for the states that are new to it.
///
/// Isolation: one compute lane.
final class ConstraintProgram {
    /// The tokens of one state by how many bytes the shortest completion behind them takes.
    private struct Table {
        var all: TokenMask
        /// In ascending order of cost.
        var groups: [(cost: Int, tokens: [Int32])]
        var most: Int { groups.last?.cost ?? 0 }
    }

    /// The tokens of a vocabulary, those of few bytes apart.
    ///
    /// A count that is higher than a token has bytes makes no difference for it. So most states of a text whose characters
    /// are counted are one state for the many short tokens, and only the few long ones are looked at for each count.
    struct Vocabulary: Sendable {
        /// Bytes of the longest short token.
        static let horizon = 16

        let short: TokenTrie
        let long: TokenTrie

        /// Reads a tokenizer's.
        init(_ tokenizer: Tokenizer, vocabularySize: Int) {
            short = TokenTrie(tokenizer, vocabularySize: vocabularySize, lengths: 1...Self.horizon)
            long = TokenTrie(tokenizer, vocabularySize: vocabularySize, lengths: (Self.horizon + 1)...(.max))
        }
    }

    /// Bytes of tables that are kept; beyond, a program is made anew for the next text.
    private static let roomBytes = 64 << 20

    let machine: GrammarMachine
    private let vocabulary: Vocabulary
    private let vocabularySize: Int
    private var tables: [GrammarMachine.State: Table] = [:]
    private var longTables: [GrammarMachine.State: [(cost: Int, tokens: [Int32])]] = [:]
    private var firstTable: Table?
    private var keptBytes = 0
    private var path: [GrammarMachine.State]

    /// Compiles a constraint.
    ///
    /// - Parameters:
    ///   - constraint: the constraint.
    ///   - vocabulary: the vocabulary.
    ///   - vocabularySize: logits of a row.
    /// - Throws: `ConstraintError` for what can't be kept to.
    init(_ constraint: OutputConstraint, vocabulary: Vocabulary, vocabularySize: Int) throws(ConstraintError) {
        machine = try GrammarMachine(Self.grammar(constraint), isSpelled: vocabulary.short.isSpelled)
        self.vocabulary = vocabulary
        self.vocabularySize = vocabularySize
        path = Array(repeating: GrammarMachine.dead, count: max(vocabulary.short.longest, vocabulary.long.longest) + 1)
    }

    private static func grammar(_ constraint: OutputConstraint) throws(ConstraintError) -> Grammar {
        switch constraint {
        case .schema(let schema): return try SchemaCompiler.compile(schema)
        case .regex(let text): return try RegexCompiler.compile(text)
        case .choices(let texts):
            guard !texts.isEmpty, texts.allSatisfy({ !$0.isEmpty }) else {
                throw ConstraintError("choices: expected at least one text, and none that is empty")
            }
            return try Grammar(rules: [.choice(texts.map { .text($0) })])
        }
    }

    /// Whether so much has been found out that the next text is better off with a new program.
    var isFull: Bool { keptBytes > Self.roomBytes || machine.count > 50_000 }

    // MARK: - Masks

    /// The tokens behind which the text can still be completed with so many more.
    ///
    /// - Parameters:
    ///   - state: the state.
    ///   - isFirst: whether the text begins.
    ///   - left: how many tokens may follow the one that is chosen.
    /// - Returns: the mask.
    func mask(_ state: GrammarMachine.State, isFirst: Bool, left: Int) -> TokenMask {
        let stripsSpace = isFirst && vocabulary.short.stripsSpace
        var mask: TokenMask
        if stripsSpace {
            let table = firstTable ?? makeTable(state, stripsSpace: true)
            firstTable = table
            mask = Self.cut(table, left: left)
        } else {
            let (saturated, excess) = machine.saturated(state, bytes: Vocabulary.horizon)
            let table = table(saturated)
            let isFar = saturated == state || table.most + excess <= left
            mask = Self.cut(isFar ? table : self.table(state), left: saturated == state ? left : isFar ? .max : left)
        }
        for group in longTokens(state, stripsSpace: stripsSpace) where group.cost <= left {
            for token in group.tokens { mask[TokenID(token)] = true }
        }
        return mask
    }

    private func longTokens(_ state: GrammarMachine.State, stripsSpace: Bool) -> [(cost: Int, tokens: [Int32])] {
        if !stripsSpace, let known = longTables[state] { return known }
        let made = walk(vocabulary.long, from: state, stripsSpace: stripsSpace)
        if !stripsSpace {
            longTables[state] = made
            keptBytes += made.reduce(64) { $0 + $1.tokens.count * 4 }
        }
        return made
    }

    private static func cut(_ table: Table, left: Int) -> TokenMask {
        if table.most <= left { return table.all }
        var mask = TokenMask(vocabularySize: table.all.vocabularySize)
        for group in table.groups where group.cost <= left {
            for token in group.tokens { mask[TokenID(token)] = true }
        }
        return mask
    }

    private func table(_ state: GrammarMachine.State) -> Table {
        if let known = tables[state] { return known }
        let made = makeTable(state, stripsSpace: false)
        tables[state] = made
        keptBytes += made.all.words.count * 8 + made.groups.reduce(0) { $0 + $1.tokens.count * 4 }
        return made
    }

    private func makeTable(_ state: GrammarMachine.State, stripsSpace: Bool) -> Table {
        let groups = walk(vocabulary.short, from: state, stripsSpace: stripsSpace)
        var all = TokenMask(vocabularySize: vocabularySize)
        for group in groups { for token in group.tokens { all[TokenID(token)] = true } }
        return Table(all: all, groups: groups)
    }

    /// Walks a vocabulary's tree: the tokens that may come, by the cost of the shortest completion behind them.
    private func walk(
        _ trie: TokenTrie, from state: GrammarMachine.State, stripsSpace: Bool
    ) -> [(cost: Int, tokens: [Int32])] {
        var groups: [(cost: Int, tokens: [Int32])] = []
        var places: [Int: Int] = [:]
        // The group of the state that was met last: most tokens lead to the same few states.
        var (lastState, last) = (GrammarMachine.dead, 0)
        path[0] = state
        var index = 0
        while index < trie.nodes.count {
            let node = trie.nodes[index]
            let depth = Int(node.depth)
            let isStripped = stripsSpace && depth == 0 && node.byte == 0x20
            let found = isStripped ? state : machine.step(path[depth], node.byte)
            guard found != GrammarMachine.dead else {
                index = Int(node.end)
                continue
            }
            path[depth + 1] = found
            index += 1
            // What adds nothing to the text could come without end.
            guard !node.tokens.isEmpty, !isStripped else { continue }
            if found != lastState {
                let cost = machine.completion(found)
                if places[cost] == nil {
                    places[cost] = groups.count
                    groups.append((cost, []))
                }
                (lastState, last) = (found, places[cost] ?? 0)
            }
            for place in node.tokens { groups[last].tokens.append(trie.tokens[Int(place)]) }
        }
        return groups.sorted { $0.cost < $1.cost }
    }
}

/// The constraints that a model was asked for last, made ready.
///
/// Isolation: one compute lane.
final class ConstraintStore {
    private static let limit = 8

    private var vocabulary: ConstraintProgram.Vocabulary?
    private var programs: [(constraint: OutputConstraint, program: ConstraintProgram)] = []

    /// The program of a constraint.
    ///
    /// - Parameters:
    ///   - constraint: the constraint.
    ///   - tokenizer: the model's vocabulary, always the same.
    ///   - vocabularySize: logits of a row.
    /// - Returns: the program.
    /// - Throws: `ConstraintError` for what can't be kept to.
    func program(
        _ constraint: OutputConstraint, tokenizer: Tokenizer, vocabularySize: Int
    ) throws(ConstraintError) -> ConstraintProgram {
        let index = programs.firstIndex { $0.constraint == constraint }
        if let index {
            let found = programs.remove(at: index)
            if !found.program.isFull {
                programs.append(found)
                return found.program
            }
        }
        let vocabulary = vocabulary ?? ConstraintProgram.Vocabulary(tokenizer, vocabularySize: vocabularySize)
        self.vocabulary = vocabulary
        let made = try ConstraintProgram(constraint, vocabulary: vocabulary, vocabularySize: vocabularySize)
        if programs.count >= Self.limit { programs.removeFirst() }
        programs.append((constraint, made))
        return made
    }
}
