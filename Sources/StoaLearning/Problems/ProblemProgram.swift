internal import StoaCore

/// The program of a word problem: an arithmetic expression over the quantities of its text.
///
///     program = term { ("+" | "-") term }
///     term    = factor { ("*" | "/") factor }
///     factor  = number | name | "(" program ")"
///
/// It is what a problem's answer comes from: it is executed, exactly.
public struct ProblemProgram: Sendable, Hashable, CustomStringConvertible {
    enum Operator: Character, Sendable, Hashable, CaseIterable {
        case sum = "+"
        case difference = "-"
        case product = "*"
        case quotient = "/"
    }

    indirect enum Node: Sendable, Hashable {
        case number(Fraction)
        case name(String)
        case binary(Operator, Node, Node)
    }

    enum Token: Sendable, Hashable {
        case number(Fraction, String)
        case name(String)
        case symbol(Character)
    }

    let root: Node
    private let tokens: [Token]

    /// Reads a program.
    ///
    /// - Parameter text: the expression.
    /// - Throws: `LearningError.invalidProgram` that says what was expected.
    public init(_ text: String) throws(LearningError) {
        tokens = try Self.tokens(of: text)
        var reader = Reader(tokens: tokens, text: text)
        root = try reader.sum()
        guard reader.isAtEnd else { throw reader.failure("an operator or the end") }
    }

    /// The quantities that it reads, in the order in which they stand.
    public var names: [String] {
        var names: [String] = []
        for case .name(let name) in tokens where !names.contains(name) { names.append(name) }
        return names
    }

    /// The constants that stand in it.
    var numbers: [Fraction] {
        tokens.compactMap { token in
            guard case .number(let number, _) = token else { return nil }
            return number
        }
    }

    /// The operators in it, in the order in which they stand.
    var operators: [Character] {
        tokens.compactMap { token in
            guard case .symbol(let symbol) = token, Operator(rawValue: symbol) != nil else { return nil }
            return symbol
        }
    }

    /// Executes it.
    ///
    /// Determinism: exact.
    ///
    /// - Parameter quantities: the numbers by name.
    /// - Returns: its value; nil for a division by zero, an unknown quantity, or what does not fit.
    public func value(of quantities: [String: Fraction] = [:]) -> Fraction? {
        Self.value(of: root) { quantities[$0] }
    }

    static func value(of node: Node, _ quantity: (String) -> Fraction?) -> Fraction? {
        switch node {
        case .number(let number): return number
        case .name(let name): return quantity(name)
        case .binary(let kind, let left, let right):
            guard let left = value(of: left, quantity), let right = value(of: right, quantity) else { return nil }
            return combine(kind, left, right)
        }
    }

    static func combine(_ kind: Operator, _ left: Fraction, _ right: Fraction) -> Fraction? {
        switch kind {
        case .sum: left.adding(right)
        case .difference: left.subtracting(right)
        case .product: left.multiplied(by: right)
        case .quotient: left.divided(by: right)
        }
    }

    /// The program with its spaces set, and words in the place of quantities.
    ///
    /// - Parameter words: what is written for a quantity, such as its digits; nil leaves the name.
    /// - Returns: the expression, such as `3 * (4 + 5)`.
    public func text(_ words: (String) -> String? = { _ in nil }) -> String {
        var text = ""
        for token in tokens {
            switch token {
            case .number(_, let digits): text += digits
            case .name(let name): text += words(name) ?? name
            case .symbol("("), .symbol(")"): text += token == .symbol("(") ? "(" : ")"
            case .symbol(let symbol): text += " \(symbol) "
            }
        }
        return text
    }

    /// The program with its spaces set.
    public var description: String { text() }

    // MARK: - Reading

    private static func tokens(of text: String) throws(LearningError) -> [Token] {
        var tokens: [Token] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first == " " {
                rest.removeFirst()
            } else if first.isASCII, first.isNumber || first == "." {
                let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
                guard let number = Fraction(digits) else { throw failure(text, "a number", found: String(digits)) }
                tokens.append(.number(number, String(digits)))
                rest = rest.dropFirst(digits.count)
            } else if first.isASCII, first.isLetter {
                let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                tokens.append(.name(String(name)))
                rest = rest.dropFirst(name.count)
            } else if first == "(" || first == ")" || Operator(rawValue: first) != nil {
                tokens.append(.symbol(first))
                rest.removeFirst()
            } else {
                throw failure(text, "a number, a quantity, an operator or a bracket", found: String(first))
            }
        }
        return tokens
    }

    private static func failure(_ text: String, _ expected: String, found: String) -> LearningError {
        LearningError(.invalidProgram, "program \"\(text)\": expected \(expected), found \(found)")
    }

    private struct Reader {
        let tokens: [Token]
        let text: String
        var position = 0
        var depth = 0

        var isAtEnd: Bool { position == tokens.count }

        mutating func sum() throws(LearningError) -> Node {
            depth += 1
            defer { depth -= 1 }
            guard depth <= 32 else { throw failure("at most 32 levels of brackets") }
            var node = try product()
            while let kind = take([.sum, .difference]) { node = .binary(kind, node, try product()) }
            return node
        }

        mutating func product() throws(LearningError) -> Node {
            var node = try factor()
            while let kind = take([.product, .quotient]) { node = .binary(kind, node, try factor()) }
            return node
        }

        mutating func factor() throws(LearningError) -> Node {
            guard position < tokens.count else { throw failure("a number or a quantity") }
            switch tokens[position] {
            case .number(let number, _):
                position += 1
                return .number(number)
            case .name(let name):
                position += 1
                return .name(name)
            case .symbol("("):
                position += 1
                let node = try sum()
                guard position < tokens.count, tokens[position] == .symbol(")") else { throw failure("\")\"") }
                position += 1
                return node
            case .symbol: throw failure("a number or a quantity")
            }
        }

        private mutating func take(_ kinds: [Operator]) -> Operator? {
            guard position < tokens.count, case .symbol(let symbol) = tokens[position],
                let kind = Operator(rawValue: symbol), kinds.contains(kind)
            else { return nil }
            position += 1
            return kind
        }

        func failure(_ expected: String) -> LearningError {
            let found =
                switch position < tokens.count ? tokens[position] : nil {
                case .number(_, let digits): digits
                case .name(let name): name
                case .symbol(let symbol): "\"\(symbol)\""
                case nil: "the end"
                }
            return ProblemProgram.failure(text, expected, found: found)
        }
    }
}
