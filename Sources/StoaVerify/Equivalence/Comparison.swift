/// Compares meanings.
struct Comparison {
    var algebra: Algebra

    /// Whether two answers say the same.
    mutating func areSame(_ first: Meaning, _ second: Meaning) throws(AlgebraError) -> Bool {
        try algebra.spend(1)
        if let result = try areSameRelations(first, second) { return result }
        switch (first, second) {
        case (.scalar(let one, let unit), .scalar(let other, let otherUnit)):
            guard unit == nil || otherUnit == nil || unit == otherUnit else { return false }
            return try algebra.areEqual(one, other)
        case (.infinity(let one), .infinity(let other)): return one == other
        case (.group(let open, let items, let close), .group(let otherOpen, let others, let otherClose)):
            guard open == otherOpen, close == otherClose else { return false }
            return try areSame(inOrder: items, others)
        case (.ratio(let items), .ratio(let others)): return try areSame(inOrder: items, others)
        case (.set(let items), .set(let others)):
            guard try isContained(items, in: others) else { return false }
            return try isContained(others, in: items)
        case (.list(let items), .list(let others)): return try areSame(inAnyOrder: items, others)
        // Several answers are the set of them; naming one twice is a slip that a set forgives, and a list does not.
        case (.list(let items), .set(let others)), (.set(let others), .list(let items)):
            return try areSame(inAnyOrder: items, others)
        case (.matrix(let rows), .matrix(let others)): return try areSame(rows, others)
        case (.region(let one), .region(let other)): return try one.isEqual(other, in: &algebra)
        case (.region(let one), let other), (let other, .region(let one)):
            guard let region = try region(of: other) else { return false }
            return try one.isEqual(region, in: &algebra)
        case (.choice, _), (_, .choice): return try areSameChoices(first, second)
        case (.text(let one), .text(let other)): return one == other
        default: return false
        }
    }

    private mutating func region(of meaning: Meaning) throws(AlgebraError) -> Region? {
        var reader = MeaningReader(algebra: algebra)
        defer { algebra = reader.algebra }
        return try reader.interval(meaning)
    }

    // MARK: - Relations

    /// The comparison of what has a name or is a relation; nil where neither is.
    private mutating func areSameRelations(_ first: Meaning, _ second: Meaning) throws(AlgebraError) -> Bool? {
        switch (first, second) {
        case (.equation(let one, let name, let value), .equation(let other, let otherName, let otherValue)):
            if let name, name == otherName, let value, let otherValue, try areSame(value, otherValue) { return true }
            return try areProportional(one, other, mustBePositive: false)
        case (.named(let name, let value), .named(let otherName, let otherValue)):
            guard name == otherName else { return false }
            return try areSame(value, otherValue)
        case (.equation(_, let name?, let value?), .named(let otherName, let otherValue)),
            (.named(let otherName, let otherValue), .equation(_, let name?, let value?)):
            guard name == otherName else { return false }
            return try areSame(value, otherValue)
        case (.equation(_, _?, let value?), let other), (let other, .equation(_, _?, let value?)),
            (.named(_, let value), let other), (let other, .named(_, let value)):
            return try areSame(value, other)
        case (.equation, _), (_, .equation): return false
        case (.inequality(let one, let isStrict), .inequality(let other, let isOtherStrict)):
            guard isStrict == isOtherStrict else { return false }
            return try areProportional(one, other, mustBePositive: true)
        case (.difference(let one), .difference(let other)):
            return try areProportional(one, other, mustBePositive: false)
        case (.inequality, _), (_, .inequality), (.difference, _), (_, .difference): return false
        default: return nil
        }
    }

    /// Whether one expression is a number, not zero, times the other.
    private mutating func areProportional(_ first: Quotient, _ second: Quotient, mustBePositive: Bool)
        throws(AlgebraError) -> Bool
    {
        // Equations say the same only where their divisors are the same, too.
        guard try algebra.isZero(first.below - second.below) else { return false }
        let (one, other) = (leading(first.above), leading(second.above))
        guard let one, let other, one.key == other.key else {
            return try algebra.areEqual(first, second)
        }
        let left = try algebra.multiply(first.above, other.coefficient)
        let right = try algebra.multiply(second.above, one.coefficient)
        guard try algebra.isZero(left - right) else { return false }
        guard mustBePositive else { return true }
        guard let sign = try algebra.sign(of: one.coefficient), let otherSign = try algebra.sign(of: other.coefficient)
        else { return false }
        return sign * otherSign > 0
    }

    /// The variables of the first term that has any, and the number that they are multiplied with.
    private func leading(_ value: Polynomial) -> (key: Monomial, coefficient: Polynomial)? {
        var groups: [Monomial: Polynomial] = [:]
        for (monomial, coefficient) in value.terms {
            let variables = monomial.filter { !algebra.isNumeric($0.factor) }
            groups[variables, default: .zero].add(monomial.filter { algebra.isNumeric($0.factor) }, coefficient)
        }
        let unknowns = groups.filter { !$0.key.isEmpty }
        guard !unknowns.isEmpty else { return nil }
        var keys = Polynomial()
        for key in unknowns.keys { keys.add(key, 1) }
        let first = keys.ordered[0].monomial
        return groups[first].map { (first, $0) }
    }

    // MARK: - Several

    private mutating func areSame(inOrder items: [Meaning], _ others: [Meaning]) throws(AlgebraError) -> Bool {
        guard items.count == others.count else { return false }
        for (item, other) in zip(items, others) {
            guard try areSame(item, other) else { return false }
        }
        return true
    }

    private mutating func areSame(inAnyOrder items: [Meaning], _ others: [Meaning]) throws(AlgebraError) -> Bool {
        guard items.count == others.count, Self.namesAgree(items, others) else { return false }
        var rest = others
        for item in items {
            var place: Int?
            for (index, other) in rest.enumerated() where place == nil {
                if try areSame(item, other) { place = index }
            }
            guard let place else { return false }
            rest.remove(at: place)
        }
        return true
    }

    /// Values of several variables are the same as bare numbers in no order.
    private static func namesAgree(_ items: [Meaning], _ others: [Meaning]) -> Bool {
        let (one, other) = (Set(items.compactMap(name)), Set(others.compactMap(name)))
        guard one.count > 1 || other.count > 1 else { return true }
        return one == other && items.allSatisfy { name($0) != nil } && others.allSatisfy { name($0) != nil }
    }

    private static func name(_ meaning: Meaning) -> String? {
        switch meaning {
        case .named(let name, _): name
        case .equation(_, let name, _): name
        default: nil
        }
    }

    private mutating func isContained(_ items: [Meaning], in others: [Meaning]) throws(AlgebraError) -> Bool {
        for item in items {
            var isFound = false
            for other in others where !isFound { isFound = try areSame(item, other) }
            guard isFound else { return false }
        }
        return true
    }

    private mutating func areSame(_ rows: [[Quotient]], _ others: [[Quotient]]) throws(AlgebraError) -> Bool {
        guard rows.count == others.count, rows[0].count == others[0].count else { return false }
        for (row, otherRow) in zip(rows, others) {
            for (cell, other) in zip(row, otherRow) {
                guard try algebra.areEqual(cell, other) else { return false }
            }
        }
        return true
    }

    // MARK: - Options

    private mutating func areSameChoices(_ first: Meaning, _ second: Meaning) throws(AlgebraError) -> Bool {
        switch (first, second) {
        case (.choice(let one, _, let rest), .choice(let other, _, let otherRest)):
            guard one == other else { return false }
            guard let rest, let otherRest else { return true }
            return try areSameTexts(rest, otherRest)
        case (.choice(let letter, let isMarked, nil), .scalar(let value, nil)),
            (.scalar(let value, nil), .choice(let letter, let isMarked, nil)):
            guard let name = algebra.letter(of: value) else { return false }
            // A variable is an option only where the other side says that it is one.
            return name == letter || (isMarked && name.uppercased() == letter)
        default: return false
        }
    }

    private mutating func areSameTexts(_ first: String, _ second: String) throws(AlgebraError) -> Bool {
        guard first != second else { return true }
        var reader = MeaningReader(algebra: algebra)
        let (one, other) = (try reader.read(first), try reader.read(second))
        algebra = reader.algebra
        guard let one, let other else { return false }
        return try areSame(one, other)
    }
}

extension Algebra {
    /// The name of a variable or of a function's value; nil for other factors.
    func name(of factor: Int) -> String? {
        switch factors[factor] {
        case .symbol(let name): return name
        case .function(let name, let arguments) where name.hasPrefix("call "):
            let inner = arguments.compactMap { letter(of: $0) }
            return inner.count == arguments.count ? "\(name.dropFirst(5))(\(inner.joined(separator: ", ")))" : nil
        default: return nil
        }
    }

    /// The letter that an expression is; nil for any other.
    func letter(of value: Quotient) -> String? {
        guard value.below.isOne, let single = value.above.single, single.coefficient == 1,
            single.monomial.count == 1, single.monomial[0].exponent == .one
        else { return nil }
        switch factors[single.monomial[0].factor] {
        case .symbol(let name): return name
        case .euler: return "e"
        case .imaginary: return "i"
        default: return nil
        }
    }
}
