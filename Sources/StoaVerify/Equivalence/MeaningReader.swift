/// Makes the meaning of a formula.
///
/// It holds the algebra of the comparison, so that both sides share their factors.
struct MeaningReader {
    var algebra = Algebra()
    /// Whether the formula that is read has signs ±.
    private var hasAlternatives = false

    init(algebra: Algebra = Algebra()) { self.algebra = algebra }

    /// What an answer says.
    ///
    /// - Parameter text: the answer alone, without what marked it as one.
    /// - Returns: its meaning; nil where it is empty or cannot be understood.
    /// - Throws: `AlgebraError.limit` where that takes too much work.
    mutating func read(_ text: some StringProtocol) throws(AlgebraError) -> Meaning? {
        guard text.utf8.count <= EquivalenceLimits.textBytes else { return nil }
        return try read(StatedAnswer.bare(Array(text.utf8)))
    }

    mutating func read(_ bytes: [UInt8]) throws(AlgebraError) -> Meaning? {
        guard !bytes.isEmpty else { return nil }
        if let choice = ChoiceReader.choice(in: bytes) { return choice }
        guard let formula = try? MathParser.parse(bytes) else { return TextReader.meaning(of: bytes) }
        hasAlternatives = formula.hasAlternatives
        do {
            return try meaning(of: formula.node)
        } catch {
            // Words that happened to look like a formula are words still.
            if error == .limit { throw error }
            return TextReader.meaning(of: bytes)
        }
    }

    // MARK: - Kinds

    mutating func meaning(of node: MathNode) throws(AlgebraError) -> Meaning {
        guard hasAlternatives else { return try single(node) }
        let alternatives = try PlusMinus.alternatives(of: node)
        guard alternatives.count == 1 else {
            var items: [Meaning] = []
            for alternative in alternatives { try insert(single(alternative), into: &items) }
            return items.count == 1 ? items[0] : .list(items)
        }
        return try single(alternatives[0])
    }

    /// Adds an answer that is not there yet: ±0 is one number.
    private mutating func insert(_ item: Meaning, into items: inout [Meaning]) throws(AlgebraError) {
        var comparison = Comparison(algebra: algebra)
        for known in items where try comparison.areSame(known, item) {
            algebra = comparison.algebra
            return
        }
        algebra = comparison.algebra
        items.append(item)
    }

    private mutating func single(_ node: MathNode) throws(AlgebraError) -> Meaning {
        switch node {
        case .list(let items, let joint): return try list(items, joint)
        case .relation(let sides, let marks): return try relation(sides, marks)
        case .infinity: return .infinity(isNegative: false)
        case .negated(.infinity): return .infinity(isNegative: true)
        case .group(let open, let items, let close):
            // A matrix in brackets is a matrix.
            if items.count == 1, case .matrix = items[0] { return try single(items[0]) }
            if let matrix = try nestedMatrix(open, items) { return .matrix(matrix) }
            return .group(open: open, try meanings(of: items), close: close)
        case .set(let items): return .set(try meanings(of: items))
        case .ratio(let items): return .ratio(try meanings(of: items))
        case .builder(let subject, let condition): return try builder(subject, condition)
        case .reals, .union, .intersection, .without:
            return .region(try region(of: node))
        case .quantity(let inner, let unit):
            let (value, own) = try scalar(inner)
            guard own == nil || own == unit else { throw .notScalar }
            return .scalar(value, unit: unit)
        case .symbol(let name) where name.utf8.count == 1 && name.utf8.allSatisfy { $0 & 0x20 == 0 }:
            return .choice(name, isMarked: false, rest: nil)
        default:
            if let matrix = try matrix(of: node) { return .matrix(matrix) }
            let (value, unit) = try scalar(node)
            return .scalar(value, unit: unit)
        }
    }

    mutating func meanings(of nodes: [MathNode]) throws(AlgebraError) -> [Meaning] {
        var result: [Meaning] = []
        for node in nodes { result.append(try meaning(of: node)) }
        return result
    }

    /// A number with the unit that its last sign gives it: degrees.
    private mutating func scalar(_ node: MathNode) throws(AlgebraError) -> (Quotient, unit: String?) {
        switch node {
        case .degrees(let inner): return (try value(of: inner), "degree")
        case .negated(.degrees(let inner)): return (-(try value(of: inner)), "degree")
        // 12√3° and 480 + 20°: the sign stands behind the last factor.
        case .product(let first, .degrees(let last)): return (try value(of: .product(first, last)), "degree")
        default: return (try value(of: node), nil)
        }
    }

    private mutating func list(_ nodes: [MathNode], _ joint: MathMark) throws(AlgebraError) -> Meaning {
        var items: [Meaning] = []
        for node in nodes {
            let item = try meaning(of: node)
            if case .list(let inner) = item { items += inner } else { items.append(item) }
        }
        // `x < 1 or x > 3` and `x > 1 and x < 3` are one region.
        if joint != .comma, let region = try joined(items, joint) { return region }
        return items.count == 1 ? items[0] : .list(items)
    }

    private mutating func joined(_ items: [Meaning], _ joint: MathMark) throws(AlgebraError) -> Meaning? {
        var regions: [Region] = []
        var subject: String?
        for item in items {
            guard case .named(let name, .region(let region)) = item, subject == nil || subject == name else {
                return nil
            }
            subject = name
            regions.append(region)
        }
        guard var result = regions.first, let subject else { return nil }
        for region in regions.dropFirst() {
            let next =
                joint == .or
                ? try result.union(region, in: &algebra) : try result.intersection(region, in: &algebra)
            guard let next else { return nil }
            result = next
        }
        return .named(subject, .region(result))
    }

    // MARK: - Matrices

    /// `[[1, 2], [3, 4]]`; nil for anything else.
    private mutating func nestedMatrix(_ open: MathMark, _ rows: [MathNode]) throws(AlgebraError) -> [[Quotient]]? {
        guard open == .openSquare, rows.count > 1 else { return nil }
        var result: [[Quotient]] = []
        for row in rows {
            guard case .group(.openSquare, let cells, .closeSquare) = row else { return nil }
            var values: [Quotient] = []
            for cell in cells { values.append(try value(of: cell)) }
            guard result.isEmpty || result[0].count == values.count else { return nil }
            result.append(values)
        }
        return result
    }

    /// A matrix, times a number perhaps; nil for what holds none.
    private mutating func matrix(of node: MathNode) throws(AlgebraError) -> [[Quotient]]? {
        switch node {
        case .matrix(let rows, false):
            var result: [[Quotient]] = []
            for row in rows {
                var cells: [Quotient] = []
                for cell in row { cells.append(try value(of: cell)) }
                result.append(cells)
            }
            return result
        case .group(_, let items, _) where items.count == 1: return try matrix(of: items[0])
        case .negated(let inner): return try scaled(matrix(of: inner), by: Quotient(-1))
        case .product(let left, let right):
            if let rows = try matrix(of: right) { return try scaled(rows, by: value(of: left)) }
            if let rows = try matrix(of: left) { return try scaled(rows, by: value(of: right)) }
            return nil
        default: return nil
        }
    }

    private mutating func scaled(_ rows: [[Quotient]]?, by factor: Quotient) throws(AlgebraError) -> [[Quotient]]? {
        guard let rows else { return nil }
        var result: [[Quotient]] = []
        for row in rows {
            var cells: [Quotient] = []
            for cell in row { cells.append(try algebra.multiply(cell, factor)) }
            result.append(cells)
        }
        return result
    }
}
