extension MeaningReader {
    /// The value of a part that is a number or an expression.
    mutating func value(of node: MathNode) throws(AlgebraError) -> Quotient {
        try algebra.spend(1)
        switch node {
        case .number(let number): return Quotient(number)
        case .symbol(let name): return algebra.quotient(algebra.symbol(name))
        case .pi: return algebra.quotient(algebra.pi())
        case .euler: return algebra.quotient(algebra.euler())
        case .imaginary: return algebra.quotient(algebra.imaginary())
        case .negated(let inner): return -(try value(of: inner))
        case .sum(let left, let right): return try algebra.add(value(of: left), value(of: right))
        case .product(let left, let right): return try algebra.multiply(value(of: left), value(of: right))
        case .quotient(let left, let right): return try algebra.divide(value(of: left), value(of: right))
        case .power(let base, let exponent): return try algebra.power(value(of: base), value(of: exponent))
        case .root(let inner, let degree):
            guard let degree else { return try algebra.root(value(of: inner), degree: 2) }
            guard let number = try value(of: degree).constant, number.isInteger, number > 1,
                let whole = Int(exactly: number.numerator)
            else { throw .notScalar }
            return try algebra.root(value(of: inner), degree: whole)
        case .function(let function, let inner): return try self.function(function, inner)
        case .logarithm(let inner, let base):
            return try algebra.logarithm(value(of: inner), base: value(of: base))
        case .call(let name, let arguments):
            var values: [Quotient] = []
            for argument in arguments { values.append(try value(of: argument)) }
            return algebra.quotient(try algebra.function("call " + name, values))
        case .factorial(let inner): return try algebra.factorial(value(of: inner))
        case .binomial(let above, let below): return try algebra.binomial(value(of: above), value(of: below))
        case .percent(let inner): return try algebra.multiply(value(of: inner), Quotient(.powerOfTen(-2)))
        case .group(.openSquare, let items, .closeSquare) where items.count == 1: return try value(of: items[0])
        case .matrix(let rows, true): return try determinant(rows)
        case .degrees, .infinity, .plusMinus, .quantity, .group, .set, .builder, .reals, .union, .intersection,
            .without, .matrix, .ratio, .relation, .list:
            throw .notScalar
        }
    }

    private mutating func function(_ function: MathFunction, _ inner: MathNode) throws(AlgebraError) -> Quotient {
        switch function {
        case .sin, .cos, .tan, .cot, .sec, .csc:
            return try algebra.trigonometric(function.rawValue, angle(of: inner))
        case .arcsin, .arccos, .arctan: return try algebra.trigonometric(function.rawValue, value(of: inner))
        case .ln: return try algebra.logarithm(value(of: inner))
        // Without a base, a logarithm is the decadic one, as at school.
        case .log, .lg: return try algebra.logarithm(value(of: inner), base: Quotient(10))
        case .exp: return try algebra.power(algebra.quotient(algebra.euler()), value(of: inner))
        case .abs: return try algebra.absolute(value(of: inner))
        case .floor: return try algebra.rounded(value(of: inner), isUp: false)
        case .ceil: return try algebra.rounded(value(of: inner), isUp: true)
        case .squareRoot, .cubeRoot, .fraction, .binomial, .choose, .overline: throw .notScalar
        }
    }

    /// An angle in radians; only inside a function are degrees turned into them.
    private mutating func angle(of node: MathNode) throws(AlgebraError) -> Quotient {
        switch node {
        case .degrees(let inner), .quantity(let inner, "degree"): return try radians(value(of: inner))
        case .negated(let inner): return -(try angle(of: inner))
        case .product(let left, .degrees(let right)): return try radians(value(of: .product(left, right)))
        case .sum(let left, let right): return try algebra.add(angle(of: left), angle(of: right))
        default: return try value(of: node)
        }
    }

    private mutating func radians(_ degrees: Quotient) throws(AlgebraError) -> Quotient {
        let half = try algebra.divide(algebra.quotient(algebra.pi()), Quotient(180))
        return try algebra.multiply(degrees, half)
    }

    /// The determinant, by its first row.
    private mutating func determinant(_ rows: [[MathNode]]) throws(AlgebraError) -> Quotient {
        guard rows.count == rows[0].count, rows.count <= 4 else { throw .notScalar }
        var values: [[Quotient]] = []
        for row in rows {
            var cells: [Quotient] = []
            for cell in row { cells.append(try value(of: cell)) }
            values.append(cells)
        }
        return try determinant(values)
    }

    private mutating func determinant(_ rows: [[Quotient]]) throws(AlgebraError) -> Quotient {
        guard rows.count > 1 else { return rows[0][0] }
        var result = Quotient.zero
        for (column, cell) in rows[0].enumerated() {
            let minor = rows.dropFirst().map { row in
                row.enumerated().filter { $0.offset != column }.map(\.element)
            }
            let part = try algebra.multiply(cell, determinant(minor))
            result = try column % 2 == 0 ? algebra.add(result, part) : algebra.subtract(result, part)
        }
        return result
    }
}
