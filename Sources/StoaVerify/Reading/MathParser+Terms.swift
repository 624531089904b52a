// Sums, products, powers and what they are made of.
//
//     sum     = [sign] product { sign product }
//     product = factor { [ "*" | "/" ] factor }
//     factor  = { sign } power
//     power   = postfix [ "^" exponent ]
//     postfix = primary { "!" | "%" | "°" | "'" }
//
// What stands beside each other is multiplied and binds like a multiplication, but for behind a slash: 1/2x is x/2, and
// 1/xy is 1/(xy), as people mean it.
extension MathParser {
    mutating func sum() throws(NotMathematics) -> MathNode {
        var terms: [MathNode] = []
        switch nextMark {
        case .plusMinus, .minusPlus: break
        case .minus:
            position += 1
            terms.append(.negated(try product()))
        default: terms.append(try product())
        }
        while let mark = nextMark {
            switch mark {
            case .plus:
                position += 1
                terms.append(try product())
            case .minus:
                position += 1
                terms.append(.negated(try product()))
            case .plusMinus, .minusPlus:
                position += 1
                terms.append(.plusMinus(try product(), isInverted: mark == .minusPlus))
            default: return .joined(terms) { .sum($0, $1) }
            }
        }
        return .joined(terms) { .sum($0, $1) }
    }

    private mutating func product() throws(NotMathematics) -> MathNode {
        var factors = [try factor()]
        var divisors: [MathNode] = []
        while true {
            switch nextMark {
            case .times:
                position += 1
                factors.append(try factor())
            case .slash where isUnitSlash: return .quotient(of: factors, by: divisors)
            case .slash:
                position += 1
                divisors.append(try divisor())
            case .divide:
                position += 1
                divisors.append(try factor())
            default:
                guard beginsFactor else { return .quotient(of: factors, by: divisors) }
                factors.append(try power())
            }
        }
    }

    /// What stands behind a slash: a number alone, or a product of variables.
    private mutating func divisor() throws(NotMathematics) -> MathNode {
        if case .number = next { return try power() }
        var factors = [try factor()]
        while beginsFactor, !isBracketNext { factors.append(try power()) }
        guard !isBracketNext else { throw NotMathematics() }
        return .quotient(of: factors, by: [])
    }

    /// Whether an opening round bracket is next: `a/b(c)` does not say what is divided.
    private var isBracketNext: Bool { nextMark == .openRound || nextMark == .openSquare }

    private mutating func factor() throws(NotMathematics) -> MathNode {
        var isNegative = false
        var count = 0
        while let mark = nextMark, mark == .plus || mark == .minus {
            if mark == .minus { isNegative.toggle() }
            position += 1
            count += 1
            // Nobody writes more signs than a bracket would save.
            guard count <= 2 else { throw NotMathematics() }
        }
        let node = try power()
        return isNegative ? .negated(node) : node
    }

    /// Whether the next token can be multiplied with what is before it.
    private var beginsFactor: Bool {
        guard let next else { return false }
        switch next {
        case .name, .begin: return true
        case .function(let function): return function != .choose
        case .letters(let word): return isProduct(word)
        case .number, .vulgarFraction, .text, .end, .currency: return false
        case .mark(let mark):
            switch mark {
            case .openRound, .openSquare, .openCurly, .pi, .openFloor, .openCeiling, .squareRootSign, .cubeRootSign:
                return true
            case .bar: return !barEnds
            default: return false
            }
        }
    }

    /// Whether letters behind something are variables rather than a unit or prose.
    private func isProduct(_ word: String) -> Bool {
        if unitLength(at: position) != nil { return false }
        return word.utf8.count <= 3 || word.utf8.allSatisfy { $0 & 0x20 == 0 }
    }

    mutating func power() throws(NotMathematics) -> MathNode {
        let base = try postfix()
        guard take(.caret) else { return base }
        let exponent = try exponent()
        return try withSigns(.power(base, exponent))
    }

    /// An exponent: what is in braces, or one thing with its sign.
    mutating func exponent() throws(NotMathematics) -> MathNode {
        try nested { parser throws(NotMathematics) in
            if parser.nextMark == .openCurly { return try parser.group() }
            let isNegative = parser.take(.minus)
            let node = try parser.bareExponent()
            return isNegative ? .negated(node) : node
        }
    }

    /// An exponent without braces: of digits, only those; what stands behind them is multiplied.
    private mutating func bareExponent() throws(NotMathematics) -> MathNode {
        guard case .number(let value, _) = next else { return try power() }
        position += 1
        guard take(.caret) else { return .number(value) }
        return .power(.number(value), try exponent())
    }

    private mutating func postfix() throws(NotMathematics) -> MathNode {
        if case .currency(let sign) = next {
            position += 1
            currencies.append(sign)
            // $-5 is an amount of less than nothing.
            if take(.minus) { return .negated(try withSigns(primary())) }
        }
        return try withSigns(primary())
    }

    /// Factorials, percent and degrees behind something.
    private mutating func withSigns(_ inner: MathNode) throws(NotMathematics) -> MathNode {
        var node = inner
        var count = 0
        while let mark = nextMark {
            switch mark {
            case .exclamation: node = .factorial(node)
            case .percent: node = .percent(node)
            case .degree: node = .degrees(node)
            case .prime:
                guard case .symbol(let name) = node else { throw NotMathematics() }
                node = .symbol(name + "'")
            default: return node
            }
            position += 1
            count += 1
            guard count <= 4 else { throw NotMathematics() }
        }
        return node
    }
}
