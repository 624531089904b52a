/// What a formula with ± stands for: every sign on its own, but for ∓, which is the opposite of all ±.
enum PlusMinus {
    /// The formulas without ±; the formula itself where it has none.
    ///
    /// Each entry of a list and each side of a relation is left to itself by the caller where it can be; a sign in a tuple or
    /// in a relation makes several of the whole.
    static func alternatives(of node: MathNode) throws(AlgebraError) -> [MathNode] {
        if case .list = node { return [node] }
        var census = Census()
        census.count(node)
        guard census.signs > 0 else { return [node] }
        guard census.signs <= EquivalenceLimits.alternatives else { throw .limit }
        let isTied = census.inverted > 0
        let choices = isTied ? 2 : 1 << census.signs
        return (0..<choices).map { choice in
            var resolver = Resolver(choice: choice, isTied: isTied)
            return resolver.resolve(node)
        }
    }

    private struct Census {
        var signs = 0
        var inverted = 0

        mutating func count(_ node: MathNode) {
            if case .plusMinus(_, let isInverted) = node {
                signs += 1
                if isInverted { inverted += 1 }
            }
            for child in node.children { count(child) }
        }
    }

    private struct Resolver {
        let choice: Int
        let isTied: Bool
        var index = 0

        mutating func resolve(_ node: MathNode) -> MathNode {
            guard case .plusMinus(let inner, let isInverted) = node else {
                return node.mapped { self.resolve($0) }
            }
            let bit = isTied ? choice & 1 : (choice >> index) & 1
            index += 1
            let value = resolve(inner)
            return (bit == 1) != isInverted ? .negated(value) : value
        }
    }
}

extension MathNode {
    /// The parts, in order.
    var children: [MathNode] {
        var result: [MathNode] = []
        _ = mapped {
            result.append($0)
            return $0
        }
        return result
    }

    /// The same with other parts.
    func mapped(_ body: (MathNode) -> MathNode) -> MathNode {
        switch self {
        case .number, .symbol, .pi, .euler, .imaginary, .infinity, .reals: self
        case .negated(let inner): .negated(body(inner))
        case .sum(let left, let right): .sum(body(left), body(right))
        case .product(let left, let right): .product(body(left), body(right))
        case .quotient(let left, let right): .quotient(body(left), body(right))
        case .power(let left, let right): .power(body(left), body(right))
        case .root(let inner, let degree): .root(body(inner), degree: degree.map(body))
        case .function(let function, let inner): .function(function, body(inner))
        case .logarithm(let inner, let base): .logarithm(body(inner), base: body(base))
        case .call(let name, let arguments): .call(name, arguments.map(body))
        case .factorial(let inner): .factorial(body(inner))
        case .binomial(let left, let right): .binomial(body(left), body(right))
        case .percent(let inner): .percent(body(inner))
        case .degrees(let inner): .degrees(body(inner))
        case .plusMinus(let inner, let isInverted): .plusMinus(body(inner), isInverted: isInverted)
        case .quantity(let inner, let unit): .quantity(body(inner), unit: unit)
        case .group(let open, let items, let close): .group(open: open, items.map(body), close: close)
        case .set(let items): .set(items.map(body))
        case .builder(let subject, let condition): .builder(body(subject), body(condition))
        case .union(let left, let right): .union(body(left), body(right))
        case .intersection(let left, let right): .intersection(body(left), body(right))
        case .without(let left, let right): .without(body(left), body(right))
        case .matrix(let rows, let isDeterminant): .matrix(rows.map { $0.map(body) }, isDeterminant: isDeterminant)
        case .ratio(let items): .ratio(items.map(body))
        case .relation(let sides, let marks): .relation(sides.map(body), marks)
        case .list(let items, let joint): .list(items.map(body), joint)
        }
    }
}
