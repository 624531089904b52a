extension MeaningReader {
    /// `x = 3`, `2x + y = 4`, `x > 3`, `1 < x ≤ 2`, `x ∈ (1, 2)`.
    mutating func relation(_ sides: [MathNode], _ marks: [MathMark]) throws(AlgebraError) -> Meaning {
        let marks = marks.map { $0 == .approximate ? MathMark.equal : $0 }
        if marks.allSatisfy({ $0 == .equal }) { return try equation(sides) }
        guard marks.count == 1 else { return try chain(sides, marks) }
        switch marks[0] {
        case .member:
            guard let name = Self.name(of: sides[0]) else { throw .notScalar }
            return .named(name, try domain(of: sides[1]))
        case .notEqual: return try unequal(sides[0], sides[1])
        default: return try inequality(sides[0], marks[0], sides[1])
        }
    }

    /// The name of what is given a value: a variable, f(x), (x, y).
    private static func name(of node: MathNode) -> String? {
        switch node {
        case .symbol(let name): return name
        case .call(let name, let arguments):
            let inner = arguments.compactMap { Self.name(of: $0) }
            return inner.count == arguments.count ? "\(name)(\(inner.joined(separator: ", ")))" : nil
        // P(x), as a product is written.
        case .product(.symbol(let name), .symbol(let argument))
        where name.utf8.count == 1 && name.utf8.first ?? 0 < 0x60:
            return "\(name)(\(argument))"
        case .group(.openRound, let items, .closeRound):
            let inner = items.compactMap { Self.name(of: $0) }
            return inner.count == items.count ? "(\(inner.joined(separator: ", ")))" : nil
        default: return nil
        }
    }

    // MARK: - Equations

    private mutating func equation(_ sides: [MathNode]) throws(AlgebraError) -> Meaning {
        if sides.count > 2 {
            // x = 3 + 4 = 7: all that is behind the variable is the same number.
            guard let name = Self.name(of: sides[0]) else { throw .notScalar }
            let first = try value(of: sides[1])
            for side in sides.dropFirst(2) {
                guard try algebra.areEqual(first, value(of: side)) else { throw .notScalar }
            }
            return .named(name, try meaning(of: sides[sides.count - 1]))
        }
        var (left, right) = (sides[0], sides[1])
        if Self.name(of: left) == nil, Self.name(of: right) != nil { (left, right) = (right, left) }
        let name = Self.name(of: left)
        guard let difference = try difference(left, right) else {
            // What is no expression can be given to a variable all the same.
            guard let name else { throw .notScalar }
            return .named(name, try meaning(of: right))
        }
        // 3 · 4 = 12 is a calculation with its result.
        if algebra.isNumeric(difference), try algebra.isZero(difference.above) { return try meaning(of: right) }
        guard let name else { return .equation(difference, named: nil, nil) }
        return .equation(difference, named: name, try meaning(of: right))
    }

    /// left - right; nil where a side is no expression.
    private mutating func difference(_ left: MathNode, _ right: MathNode) throws(AlgebraError) -> Quotient? {
        do {
            return try algebra.subtract(value(of: left), value(of: right))
        } catch {
            guard error == .notScalar else { throw error }
            return nil
        }
    }

    // MARK: - Inequalities

    private mutating func unequal(_ left: MathNode, _ right: MathNode) throws(AlgebraError) -> Meaning {
        let value = try algebra.subtract(self.value(of: left), self.value(of: right))
        guard let (name, bound, _) = try solved(value) else { return .difference(value) }
        let point = Region.Interval(low: bound, high: bound, includesLow: true, includesHigh: true)
        guard let region = try Region(point, in: &algebra) else { return .difference(value) }
        return .named(name, .region(region.complement))
    }

    private mutating func inequality(_ left: MathNode, _ mark: MathMark, _ right: MathNode)
        throws(AlgebraError) -> Meaning
    {
        let (isLess, isStrict) = (
            mark == .less || mark == .lessOrEqual, mark == .less || mark == .greater
        )
        var value = try algebra.subtract(self.value(of: left), self.value(of: right))
        if isLess { value = -value }
        guard let (name, bound, isPositive) = try solved(value) else {
            return .inequality(value, isStrict: isStrict)
        }
        let interval = Region.Interval(
            low: isPositive ? bound : nil, high: isPositive ? nil : bound, includesLow: isPositive && !isStrict,
            includesHigh: !isPositive && !isStrict)
        guard let region = try Region(interval, in: &algebra) else {
            return .inequality(value, isStrict: isStrict)
        }
        return .named(name, .region(region))
    }

    /// A chain, `1 < x ≤ 2`.
    private mutating func chain(_ sides: [MathNode], _ marks: [MathMark]) throws(AlgebraError) -> Meaning {
        let (up, down) = ([MathMark.less, .lessOrEqual], [MathMark.greater, .greaterOrEqual])
        guard marks.allSatisfy(up.contains) || marks.allSatisfy(down.contains) else { throw .notScalar }
        var result: Region?
        var subject: String?
        for (index, mark) in marks.enumerated() {
            let part = try bounded(sides[index], mark, sides[index + 1])
            guard case .named(let name, .region(let region)) = part, subject == nil || subject == name else {
                throw .notScalar
            }
            subject = name
            result =
                try result.map { known throws(AlgebraError) in try known.intersection(region, in: &algebra) }
                ?? region
        }
        guard let result, let subject, !result.intervals.isEmpty else { throw .notScalar }
        return .named(subject, .region(result))
    }

    /// One step of a chain, in which an end may be infinite.
    private mutating func bounded(_ left: MathNode, _ mark: MathMark, _ right: MathNode)
        throws(AlgebraError) -> Meaning
    {
        for (side, other) in [(left, right), (right, left)] where side == .infinity || side == .negated(.infinity) {
            guard let name = Self.name(of: other), mark == .less || mark == .greater else { throw .notScalar }
            return .named(name, .region(.everything))
        }
        return try inequality(left, mark, right)
    }

    /// A linear expression in one variable: the variable, its root, and whether its coefficient is positive.
    private mutating func solved(_ value: Quotient) throws(AlgebraError) -> (String, Quotient, Bool)? {
        guard value.below.isOne else { return nil }
        var variable: Int?
        var (slope, constant) = (Polynomial(), Polynomial())
        for (monomial, coefficient) in value.above.terms {
            let unknowns = monomial.filter { !algebra.isNumeric($0.factor) }
            guard let unknown = unknowns.first else {
                constant.add(monomial, coefficient)
                continue
            }
            guard unknowns.count == 1, unknown.exponent == .one, variable == nil || variable == unknown.factor,
                algebra.name(of: unknown.factor) != nil
            else { return nil }
            variable = unknown.factor
            slope.add(monomial.filter { $0.factor != unknown.factor }, coefficient)
        }
        guard let variable, let name = algebra.name(of: variable), let sign = try algebra.sign(of: slope), sign != 0
        else { return nil }
        let bound = try algebra.divide(Quotient(above: -constant), Quotient(above: slope))
        return (name, bound, sign > 0)
    }

    // MARK: - Sets of numbers

    /// What a variable is an element of.
    private mutating func domain(of node: MathNode) throws(AlgebraError) -> Meaning {
        let meaning = try meaning(of: node)
        if let region = try interval(meaning) { return .region(region) }
        return meaning
    }

    /// The set of all x of a condition.
    mutating func builder(_ subject: MathNode, _ condition: MathNode) throws(AlgebraError) -> Meaning {
        guard let name = Self.name(of: subject) ?? Self.member(subject) else { throw .notScalar }
        let inner = try meaning(of: condition)
        guard case .named(name, let value) = inner, case .region = value else { throw .notScalar }
        return value
    }

    /// The x of `{ x ∈ ℝ | … }`.
    private static func member(_ node: MathNode) -> String? {
        guard case .relation(let sides, [.member]) = node, sides[1] == .reals else { return nil }
        return name(of: sides[0])
    }

    mutating func region(of node: MathNode) throws(AlgebraError) -> Region {
        let result: Region?
        switch node {
        case .reals: result = .everything
        case .union(let left, let right):
            let first = try region(of: left)
            result = try first.union(region(of: right), in: &algebra)
        case .intersection(let left, let right):
            let first = try region(of: left)
            result = try first.intersection(region(of: right), in: &algebra)
        case .without(let left, let right):
            let first = try region(of: left)
            result = try first.intersection(region(of: right).complement, in: &algebra)
        default: result = try interval(meaning(of: node))
        }
        guard let result else { throw .notScalar }
        return result
    }

    /// The numbers that an interval, a set of numbers or a region holds; nil for what is none.
    mutating func interval(_ meaning: Meaning) throws(AlgebraError) -> Region? {
        switch meaning {
        case .region(let region): return region
        case .set(let items):
            var result = Region.empty
            for item in items {
                guard case .scalar(let value, nil) = item, algebra.isNumeric(value) else { return nil }
                let point = Region.Interval(low: value, high: value, includesLow: true, includesHigh: true)
                guard let single = try Region(point, in: &algebra),
                    let union = try result.union(single, in: &algebra)
                else { return nil }
                result = union
            }
            return result
        case .group(let open, let items, let close) where items.count == 2 && open != .openAngle:
            var ends: [Quotient?] = []
            for (item, isLow) in [(items[0], true), (items[1], false)] {
                switch item {
                case .scalar(let value, nil) where algebra.isNumeric(value): ends.append(value)
                case .infinity(let isNegative) where isNegative == isLow: ends.append(nil)
                default: return nil
                }
            }
            return try Region(
                Region.Interval(
                    low: ends[0], high: ends[1], includesLow: open == .openSquare, includesHigh: close == .closeSquare),
                in: &algebra)
        default: return nil
        }
    }
}
