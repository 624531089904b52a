/// An arithmetic expression of numbers, as a tree.
///
///     expression = term { ("+" | "-") term }
///     term       = factor { ("*" | "/") factor }
///     factor     = { "+" | "-" } power
///     power      = postfix [ "^" factor ]
///     postfix    = primary { "%" }
///     primary    = number | "(" expression ")" | "sqrt" "(" expression ")"
///
/// `-2^2` is -4 and `2^3^2` is 2^9, as in mathematics; `**` is `^`; `50%` is 1/2, and there is no remainder operator. `×`,
/// `·`, `÷` and `−` are understood, and so is the LaTeX of simple sums: `\times`, `\cdot`, `\div`, `\frac{…}{…}`,
/// `\sqrt{…}`, and braces as parentheses.
package struct Expression: Sendable, Hashable {
    /// What two operands can be joined by.
    enum Operator: String, Sendable, Hashable {
        case sum = "+"
        case difference = "-"
        case product = "*"
        case quotient = "/"
        case power = "^"
    }

    /// A part of the tree; `offset` is where its operator stands in the source.
    indirect enum Node: Sendable, Hashable {
        case number(Rational)
        case negated(Node)
        case percent(Node)
        case squareRoot(Node, offset: Int)
        case binary(Operator, Node, Node, offset: Int)
    }

    let source: [UInt8]
    let root: Node

    /// Whether it is more than one number with its sign.
    package var hasOperator: Bool {
        var node = root
        while case .negated(let inner) = node { node = inner }
        switch node {
        case .number, .negated: return false
        case .percent(let inner):
            if case .number = inner { return false }
            return true
        case .squareRoot, .binary: return true
        }
    }

    /// Reads an expression.
    ///
    /// - Parameter text: the text, at most `NumberLimits.textBytes` long.
    /// - Throws: `ExpressionError` naming the column.
    package init(_ text: some StringProtocol) throws(ExpressionError) {
        var parser = try ExpressionParser(Array(text.utf8))
        root = try parser.parse()
        source = parser.scanner.bytes
    }
}

extension Expression {
    /// The number and the digits behind its point, where the expression is one number with a decimal point.
    var decimal: (number: Rational, places: Int)? {
        var scanner = TextScanner(source)
        scanner.skipSpaces()
        let sign = scanner.takeSign() ?? 1
        guard let literal = scanner.takeLiteral(), let places = literal.places, places > 0 else { return nil }
        scanner.skipSpaces()
        return scanner.isAtEnd ? (sign < 0 ? -literal.value : literal.value, places) : nil
    }

    /// Whether the expression is one percentage.
    var isPercentage: Bool {
        var node = root
        while case .negated(let inner) = node { node = inner }
        if case .percent = node { return true }
        return false
    }
}
