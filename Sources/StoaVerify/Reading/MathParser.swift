/// Reads formulas by recursive descent: answers, relations and sets; `MathParser+Terms` has sums and what is below them.
///
///     answer   = relation { ("," | ";" | "and" | "or") relation }
///     relation = set { ("=" | "<" | "∈" | …) set }
///     set      = ratio { ("∪" | "∩" | "∖") ratio }
///     ratio    = quantity { ":" quantity }
///     quantity = sum [ unit ]
struct MathParser {
    var tokens: [PlacedToken]
    var position = 0
    private var depth = 0
    /// Whether a bar ends what is read, as in {x | x > 0} and |x|.
    var barEnds = false
    /// Currencies that amounts in the sum being read are given in.
    var currencies: [String] = []

    private init(_ tokens: [PlacedToken]) { self.tokens = tokens }

    /// Reads a text that is one formula.
    ///
    /// - Parameter bytes: the text.
    /// - Returns: the formula, and whether it has signs ±.
    /// - Throws: `NotMathematics` where it is anything else, or nested deeper than `NumberLimits.depth`.
    static func parse(_ bytes: [UInt8]) throws(NotMathematics) -> (node: MathNode, hasAlternatives: Bool) {
        var parser = MathParser(try MathLexer.tokens(of: bytes))
        // An estimate is compared as the number that it is.
        _ = parser.take(.approximate)
        let node = try parser.list()
        guard parser.next == nil else { throw NotMathematics() }
        let hasAlternatives = parser.tokens.contains {
            $0.token == .mark(.plusMinus) || $0.token == .mark(.minusPlus)
        }
        return (node, hasAlternatives)
    }

    // MARK: - Tokens

    var next: MathToken? { position < tokens.count ? tokens[position].token : nil }

    func token(_ offset: Int) -> MathToken? {
        tokens.indices.contains(position + offset) ? tokens[position + offset].token : nil
    }

    var nextMark: MathMark? {
        if case .mark(let mark) = next { return mark }
        return nil
    }

    mutating func take(_ mark: MathMark) -> Bool {
        guard nextMark == mark else { return false }
        position += 1
        return true
    }

    mutating func expect(_ mark: MathMark) throws(NotMathematics) {
        guard take(mark) else { throw NotMathematics() }
    }

    /// Reads something that may hold itself.
    mutating func nested<Result>(_ body: (inout MathParser) throws(NotMathematics) -> Result)
        throws(NotMathematics) -> Result
    {
        depth += 1
        defer { depth -= 1 }
        guard depth <= NumberLimits.depth else { throw NotMathematics() }
        return try body(&self)
    }

    // MARK: - Lists

    /// Several answers, or one.
    mutating func list() throws(NotMathematics) -> MathNode {
        let first = try relation()
        var (items, joint) = ([first], MathMark?.none)
        while let mark = nextMark, [.comma, .semicolon, .and, .or].contains(mark) {
            position += 1
            var found = mark == .semicolon ? .comma : mark
            // `1, 2, and 3`
            if found == .comma, let word = nextMark, word == .and || word == .or {
                position += 1
                found = word
            }
            // A comma at the end parts nothing.
            if next == nil, found == .comma { break }
            if joint == nil || joint == .comma { joint = found }
            guard found == .comma || found == joint else { throw NotMathematics() }
            items.append(try relation())
            guard items.count <= EquivalenceLimits.items else { throw NotMathematics() }
        }
        guard items.count > 1 else { return first }
        return .list(items, joint ?? .comma)
    }

    mutating func relation() throws(NotMathematics) -> MathNode {
        var sides = [try set()]
        var marks: [MathMark] = []
        while let mark = nextMark, mark.isRelation {
            position += 1
            marks.append(mark)
            sides.append(try set())
            guard sides.count <= EquivalenceLimits.items else { throw NotMathematics() }
        }
        return marks.isEmpty ? sides[0] : .relation(sides, marks)
    }

    private mutating func set() throws(NotMathematics) -> MathNode {
        var node = try ratio()
        var count = 0
        while let mark = nextMark, [.union, .intersection, .without].contains(mark) {
            position += 1
            count += 1
            guard count <= NumberLimits.depth else { throw NotMathematics() }
            let other = try ratio()
            node =
                switch mark {
                case .union: .union(node, other)
                case .intersection: .intersection(node, other)
                default: .without(node, other)
                }
        }
        return node
    }

    private mutating func ratio() throws(NotMathematics) -> MathNode {
        let first = try quantity()
        guard nextMark == .colon, !barEnds else { return first }
        var parts = [first]
        while take(.colon) { parts.append(try quantity()) }
        return .ratio(parts)
    }

    /// A sum with the unit behind it.
    mutating func quantity() throws(NotMathematics) -> MathNode {
        let outer = currencies
        currencies = []
        defer { currencies = outer }
        if let constant = takeSpecialSet() { return constant }
        var node = try sum()
        // {5 \choose 2} without its braces.
        if case .function(.choose) = next {
            position += 1
            node = .binomial(node, try nested { parser throws(NotMathematics) in try parser.sum() })
        }
        var units = currencies
        if case .currency(let sign) = next {
            position += 1
            units.append(sign)
        }
        if let (scale, unit) = takeUnit() {
            if let scale { node = .product(node, .number(scale)) }
            if let unit { units.append(unit) }
        }
        guard let unit = units.first else { return node }
        guard units.allSatisfy({ $0 == unit }) else { throw NotMathematics() }
        return .quantity(node, unit: unit)
    }

    private mutating func takeSpecialSet() -> MathNode? {
        if take(.emptySet) { return .set([]) }
        return take(.reals) ? .reals : nil
    }

    // MARK: - Brackets

    /// What is in round or square brackets, in angles or set braces; the opening one is next.
    mutating func bracketed(_ open: MathMark) throws(NotMathematics) -> MathNode {
        position += 1
        let outer = (barEnds, currencies)
        defer { (barEnds, currencies) = outer }
        barEnds = false
        currencies = []
        switch open {
        case .openSet, .openCurly: return try braces(open == .openSet ? .closeSet : .closeCurly)
        case .openAngle:
            let items = try commaSeparated()
            try expect(.closeAngle)
            return .group(open: .openAngle, items, close: .closeAngle)
        default: break
        }
        let items = try commaSeparated()
        guard let close = nextMark, close == .closeRound || close == .closeSquare else { throw NotMathematics() }
        position += 1
        if items.count == 1 {
            guard (open == .openRound) == (close == .closeRound) else { throw NotMathematics() }
            // (3) is 3, [3] is one entry; within sums, both are brackets.
            if open == .openRound { return items[0] }
        }
        return .group(open: open, items, close: close)
    }

    private mutating func commaSeparated() throws(NotMathematics) -> [MathNode] {
        var items = [try nested { parser throws(NotMathematics) in try parser.relation() }]
        while take(.comma) || take(.semicolon) {
            items.append(try nested { parser throws(NotMathematics) in try parser.relation() })
            guard items.count <= EquivalenceLimits.items else { throw NotMathematics() }
        }
        return items
    }

    /// A set, a set's condition, or braces that only group.
    private mutating func braces(_ close: MathMark) throws(NotMathematics) -> MathNode {
        if take(close) { return .set([]) }
        let isSet = close == .closeSet
        barEnds = true
        let first = try nested { parser throws(NotMathematics) in try parser.relation() }
        if take(.bar) || take(.colon) {
            barEnds = false
            let condition = try nested { parser throws(NotMathematics) in try parser.list() }
            try expect(close)
            return .builder(first, condition)
        }
        barEnds = false
        var items = [first]
        while take(.comma) || take(.semicolon) || take(.and) {
            items.append(try nested { parser throws(NotMathematics) in try parser.relation() })
            guard items.count <= EquivalenceLimits.items else { throw NotMathematics() }
        }
        try expect(close)
        return items.count == 1 && !isSet ? first : .set(items)
    }

    // MARK: - Matrices

    /// Rows of cells; `\begin` has been read.
    mutating func matrix(isDeterminant: Bool) throws(NotMathematics) -> MathNode {
        var rows: [[MathNode]] = [[]]
        var count = 0
        while true {
            rows[rows.count - 1].append(try nested { parser throws(NotMathematics) in try parser.quantity() })
            count += 1
            guard count <= EquivalenceLimits.items else { throw NotMathematics() }
            if take(.ampersand) { continue }
            if take(.row), next != .end {
                rows.append([])
                continue
            }
            guard next == .end else { throw NotMathematics() }
            position += 1
            break
        }
        guard rows.allSatisfy({ $0.count == rows[0].count }) else { throw NotMathematics() }
        return .matrix(rows, isDeterminant: isDeterminant)
    }
}
