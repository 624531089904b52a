/// How many bytes there are at least from each place of a grammar to the end of its rule.
///
/// The bytes are those that the model has tokens of one byte for, so that each is a token at most: the bound that lets a
/// text be closed in time.
struct GrammarCosts: Sendable {
    /// More bytes than any text has.
    static let infinite = 1 << 40

    /// What it costs with so many levels of recursion left: [levels][nodes].
    private var nodes: [[Int]] = []
    private var rules: [[Int]] = []

    /// Computes the costs.
    ///
    /// - Parameters:
    ///   - grammar: the grammar.
    ///   - isSpelled: for each byte, whether there is a token of it alone.
    init(_ grammar: Grammar, isSpelled: [Bool]) {
        // How many bytes there are below each value, so that a range is looked up at once.
        var below = [0]
        for value in isSpelled { below.append(below.last.map { $0 + (value ? 1 : 0) } ?? 0) }
        for level in 0...(grammar.isRecursive.contains(true) ? GrammarLimits.recursion : 0) {
            // Where another level brought nothing, none brings anything.
            if level > 1, rules[level - 1] == rules[level - 2] {
                nodes.append(nodes[level - 1])
                rules.append(rules[level - 1])
                continue
            }
            var costs = Array(repeating: Self.infinite, count: grammar.nodes.count)
            var ruleCosts = Array(repeating: Self.infinite, count: grammar.starts.count)
            func cost(_ rule: Int32, counted: Bool) -> Int {
                guard counted, grammar.isRecursive[Int(rule)] else { return ruleCosts[Int(rule)] }
                return level == 0 ? Self.infinite : rules[level - 1][Int(rule)]
            }
            var isChanged = true
            while isChanged {
                isChanged = false
                for (place, node) in grammar.nodes.enumerated() {
                    switch node {
                    case .end: costs[place] = 0
                    case .byte(let low, let high, let next):
                        costs[place] =
                            below[Int(high) + 1] > below[Int(low)]
                            ? min(Self.infinite, costs[Int(next)] + 1) : Self.infinite
                    case .split(let places): costs[place] = places.reduce(Self.infinite) { min($0, costs[Int($1)]) }
                    case .call(let rule, let next):
                        costs[place] = min(Self.infinite, costs[Int(next)] + cost(rule, counted: true))
                    case .loop(let rule, let least, _, let next):
                        let body = least == 0 ? 0 : Self.product(Int(least), cost(rule, counted: false))
                        costs[place] = min(Self.infinite, costs[Int(next)] + body)
                    }
                }
                for (rule, start) in grammar.starts.enumerated() where ruleCosts[rule] != costs[Int(start)] {
                    ruleCosts[rule] = costs[Int(start)]
                    isChanged = true
                }
            }
            nodes.append(costs)
            rules.append(ruleCosts)
        }
    }

    /// The deepest recursion.
    var depth: Int { nodes.count - 1 }

    /// The cost of a place at a depth of recursion.
    func of(node: Int32, depth: Int32) -> Int { nodes[self.depth - Int(depth)][Int(node)] }

    /// The cost of a rule several times.
    func of(rule: Int32, times: Int, depth: Int32) -> Int {
        times == 0 ? 0 : Self.product(times, rules[self.depth - Int(depth)][Int(rule)])
    }

    private static func product(_ times: Int, _ cost: Int) -> Int {
        cost >= infinite ? infinite : min(infinite, times * cost)
    }
}
