// Fractions, roots and functions, with the arguments that each of them takes.
extension MathParser {
    mutating func function(_ function: MathFunction) throws(NotMathematics) -> MathNode {
        switch function {
        case .fraction:
            let above = try argument()
            return .quotient(above, try argument())
        case .binomial:
            let above = try argument()
            return .binomial(above, try argument())
        case .squareRoot: return try root()
        case .cubeRoot: return .root(try argument(), degree: .number(3))
        case .overline:
            // The name of a line; digits with a bar have been read with their number.
            guard case .symbol(let name) = try argument() else { throw NotMathematics() }
            return .symbol("overline " + name)
        case .choose: throw NotMathematics()
        default: return try prefixed(function)
        }
    }

    private mutating func root() throws(NotMathematics) -> MathNode {
        guard nextMark == .openSquare else {
            // √12 without braces is √1·2 to LaTeX and √12 to people.
            if case .number(_, let digits?) = next, digits.utf8.count > 1 { throw NotMathematics() }
            return .root(try argument(), degree: nil)
        }
        position += 1
        let degree = try nested { parser throws(NotMathematics) in try parser.sum() }
        try expect(.closeSquare)
        if case .number(_, let digits?) = next, digits.utf8.count > 1 { throw NotMathematics() }
        return .root(try argument(), degree: degree)
    }

    /// An argument of a command: braces, or the next digit, letter or command.
    mutating func argument() throws(NotMathematics) -> MathNode {
        try nested { parser throws(NotMathematics) in
            guard let token = parser.next else { throw NotMathematics() }
            switch token {
            case .mark(.openCurly): return try parser.group()
            case .mark(.openRound): return try parser.bracketed(.openRound)
            case .mark(.pi):
                parser.position += 1
                return .pi
            case .number(let value, let digits):
                guard let digits, digits.utf8.count > 1 else {
                    parser.position += 1
                    return .number(value)
                }
                // LaTeX takes one digit and leaves the others.
                let rest = String(digits.dropFirst())
                guard let first = NumericDigits.value(digits.prefix(1)), let other = NumericDigits.value(rest[...])
                else { throw NotMathematics() }
                parser.tokens[parser.position].token = .number(other, digits: rest)
                parser.tokens[parser.position].isApart = false
                return .number(first)
            case .letters(let word):
                guard word.utf8.count > 1 else {
                    parser.position += 1
                    return word == "e" ? .euler : word == "i" ? .imaginary : .symbol(word)
                }
                let rest = String(word.dropFirst())
                parser.tokens[parser.position].token = .letters(rest)
                let first = word.prefix(1)
                return first == "e" ? .euler : first == "i" ? .imaginary : .symbol(String(first))
            case .name(let name):
                parser.position += 1
                return .symbol(name)
            case .function(let function) where !function.isPrefix:
                parser.position += 1
                return try parser.function(function)
            default: throw NotMathematics()
            }
        }
    }

    // MARK: - Functions of one argument

    /// A function with its exponent and base, before its argument: `\sin^2 x`, `\log_2 8`.
    private mutating func prefixed(_ function: MathFunction) throws(NotMathematics) -> MathNode {
        var function = function
        var base: MathNode?
        var exponent: MathNode?
        for _ in 0..<2 {
            if base == nil, function == .log {
                if take(.underscore) {
                    base = try argument()
                } else if case .number(let value, _?) = next, !tokens[position].isApart,
                    token(1) == .mark(.openRound), !tokens[position + 1].isApart
                {
                    // log2(8), as programs write it.
                    position += 1
                    base = .number(value)
                }
            }
            if exponent == nil, take(.caret) { exponent = try self.exponent() }
        }
        if let found = exponent, found == .negated(.number(1)) {
            guard let inverse = function.inverse else { throw NotMathematics() }
            (function, exponent) = (inverse, nil)
        }
        let inner = try nested { parser throws(NotMathematics) in try parser.functionArgument() }
        let value: MathNode = base.map { .logarithm(inner, base: $0) } ?? .function(function, inner)
        return exponent.map { .power(value, $0) } ?? value
    }

    /// What a function is applied to: brackets, or a product up to the next sign or function.
    private mutating func functionArgument() throws(NotMathematics) -> MathNode {
        if nextMark == .openRound || nextMark == .openSquare {
            let inner = try bracketed(nextMark ?? .openRound)
            guard case .group(.openSquare, let items, .closeSquare) = inner else { return inner }
            guard items.count == 1 else { throw NotMathematics() }
            return items[0]
        }
        var isNegative = false
        if take(.minus) { isNegative = true }
        var factors = [try power()]
        var node: MathNode { .quotient(of: factors, by: []) }
        while let token = next {
            switch token {
            case .letters, .name, .mark(.pi), .mark(.openCurly): break
            case .function(let function) where !function.isPrefix && function != .choose: break
            // sin 2(x + 1) does not say what it is the sine of.
            case .mark(.openRound), .mark(.openSquare): throw NotMathematics()
            default: return isNegative ? .negated(node) : node
            }
            // A longer word is a unit or prose.
            if case .letters(let word) = token, word.utf8.count > 1 { return isNegative ? .negated(node) : node }
            factors.append(try power())
        }
        return isNegative ? .negated(node) : node
    }
}

/// Digits as a number.
enum NumericDigits {
    /// The number of a short text of digits; nil for any other.
    static func value(_ digits: Substring) -> Rational? {
        var scanner = TextScanner(digits)
        guard let literal = scanner.takeLiteral(), scanner.isAtEnd else { return nil }
        return literal.value
    }
}
