/// Reads expressions by recursive descent; see `Expression` for the grammar.
struct ExpressionParser {
    private(set) var scanner: TextScanner
    private var depth = 0

    init(_ bytes: [UInt8]) throws(ExpressionError) {
        guard bytes.count <= NumberLimits.textBytes else {
            throw ExpressionError(
                .limit, in: bytes, at: 0,
                "expected at most \(NumberLimits.textBytes) bytes, found \(bytes.count)")
        }
        scanner = TextScanner(bytes)
    }

    mutating func parse() throws(ExpressionError) -> Expression.Node {
        let node = try expression()
        scanner.skipSpaces()
        guard scanner.isAtEnd else { throw failure("expected an operator or the end, found \(found)") }
        return node
    }

    // MARK: - Grammar

    private mutating func expression() throws(ExpressionError) -> Expression.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= NumberLimits.depth else {
            throw failure(.limit, "nested deeper than \(NumberLimits.depth) levels")
        }
        var node = try term()
        while let (kind, offset) = takeOperator(Self.sums) {
            node = .binary(kind, node, try term(), offset: offset)
        }
        return node
    }

    private mutating func term() throws(ExpressionError) -> Expression.Node {
        var node = try factor()
        while let (kind, offset) = takeOperator(Self.products) {
            node = .binary(kind, node, try factor(), offset: offset)
        }
        return node
    }

    private mutating func factor() throws(ExpressionError) -> Expression.Node {
        var isNegative = false
        scanner.skipSpaces()
        while let sign = scanner.takeSign() {
            if sign < 0 { isNegative.toggle() }
            scanner.skipSpaces()
        }
        let node = try power()
        return isNegative ? .negated(node) : node
    }

    private mutating func power() throws(ExpressionError) -> Expression.Node {
        let base = try postfix()
        guard let (kind, offset) = takeOperator(Self.powers) else { return base }
        depth += 1
        defer { depth -= 1 }
        guard depth <= NumberLimits.depth else {
            throw failure(.limit, "nested deeper than \(NumberLimits.depth) levels")
        }
        return .binary(kind, base, try factor(), offset: offset)
    }

    private mutating func postfix() throws(ExpressionError) -> Expression.Node {
        var node = try primary()
        while takeSymbol(["%", "\\%"]) { node = .percent(node) }
        return node
    }

    private mutating func primary() throws(ExpressionError) -> Expression.Node {
        scanner.skipSpaces()
        let offset = scanner.position
        if let literal = scanner.takeLiteral() { return .number(literal.value) }
        if scanner.isAtFractionSign, let fraction = scanner.takeMagnitude() { return .number(fraction) }
        if scanner.take(anyOf: ["\\frac", "\\dfrac", "\\tfrac"]) {
            let above = try braced()
            return .binary(.quotient, above, try braced(), offset: offset)
        }
        if scanner.take("\\sqrt") { return .squareRoot(try braced(), offset: offset) }
        if scanner.take("sqrt") {
            guard takeSymbol(["("]) else { throw failure("expected \"(\" after sqrt, found \(found)") }
            return .squareRoot(try closed(by: ")"), offset: offset)
        }
        if takeSymbol(["\\left(", "("]) { return try closed(by: ")") }
        if takeSymbol(["{"]) { return try closed(by: "}") }
        guard !scanner.isAtDigit, scanner.next != 0x2E else {
            throw failure("expected a number of at most \(NumberLimits.digits) digits, found \(found)")
        }
        throw failure("expected a number or \"(\", found \(found)")
    }

    private mutating func braced() throws(ExpressionError) -> Expression.Node {
        guard takeSymbol(["{"]) else { throw failure("expected \"{\", found \(found)") }
        return try closed(by: "}")
    }

    private mutating func closed(by bracket: String) throws(ExpressionError) -> Expression.Node {
        let node = try expression()
        guard takeSymbol([bracket, "\\right\(bracket)"]) else {
            throw failure("expected \"\(bracket)\", found \(found)")
        }
        return node
    }

    // MARK: - Symbols

    private typealias Spelling = (text: String, kind: Expression.Operator)

    private static let sums: [Spelling] = [("+", .sum), ("-", .difference), ("\u{2212}", .difference)]
    private static let products: [Spelling] = [
        ("*", .product), ("\u{D7}", .product), ("\u{B7}", .product), ("\u{22C5}", .product), ("\\times", .product),
        ("\\cdot", .product), ("/", .quotient), ("\u{F7}", .quotient), ("\\div", .quotient),
    ]
    private static let powers: [Spelling] = [("**", .power), ("^", .power)]

    private mutating func takeOperator(_ spellings: [Spelling]) -> (Expression.Operator, offset: Int)? {
        scanner.skipSpaces()
        let offset = scanner.position
        for (text, kind) in spellings {
            // A doubled star is a power and a doubled slash nothing at all.
            if text == "*" || text == "/", scanner.starts(with: text + text) { continue }
            if scanner.take(text) { return (kind, offset) }
        }
        return nil
    }

    private mutating func takeSymbol(_ spellings: [String]) -> Bool {
        scanner.skipSpaces()
        return scanner.take(anyOf: spellings)
    }

    // MARK: - Errors

    /// What stands here, for a message.
    private var found: String {
        guard !scanner.isAtEnd else { return "the end" }
        let rest = scanner.text(scanner.position..<min(scanner.end, scanner.position + 64))
        if let first = rest.first, first.isLetter || first == "\\" {
            return "\"\(rest.prefix(1))\(rest.dropFirst().prefix { $0.isLetter }.prefix(19))\""
        }
        return "\"\(rest.prefix(rest.first?.isNumber == true ? 20 : 1))\""
    }

    private func failure(_ reason: String) -> ExpressionError { failure(.syntax, reason) }

    private func failure(_ code: ExpressionError.Code, _ reason: String) -> ExpressionError {
        ExpressionError(code, in: scanner.bytes, at: scanner.position, reason)
    }
}
