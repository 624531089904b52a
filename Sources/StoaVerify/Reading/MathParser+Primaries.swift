internal import BigInt

// What stands alone in a product: numbers, variables, commands and brackets.
extension MathParser {
    mutating func primary() throws(NotMathematics) -> MathNode {
        guard let token = next else { throw NotMathematics() }
        switch token {
        case .number(let value, let digits):
            position += 1
            if nextMark == .underscore, let digits { return try number(digits, inBaseAt: position + 1) }
            return try mixed(value, isWhole: digits != nil)
        case .vulgarFraction(let value):
            position += 1
            return .number(value)
        case .letters(let word): return try letters(word)
        case .name(let name):
            position += 1
            return try indexed(name)
        case .text(let word):
            // A number in a base beyond ten has letters.
            guard case .mark(.underscore) = self.token(1) else { throw NotMathematics() }
            position += 1
            return try number(word, inBaseAt: position + 1)
        case .function(let function):
            position += 1
            return try self.function(function)
        case .begin(let isDeterminant):
            position += 1
            return try nested { parser throws(NotMathematics) in try parser.matrix(isDeterminant: isDeterminant) }
        case .mark(let mark): return try bracket(mark)
        case .end, .currency: throw NotMathematics()
        }
    }

    private mutating func bracket(_ mark: MathMark) throws(NotMathematics) -> MathNode {
        switch mark {
        case .pi:
            position += 1
            return .pi
        case .infinity:
            position += 1
            return .infinity
        case .squareRootSign, .cubeRootSign:
            position += 1
            let inner = try nested { parser throws(NotMathematics) in try parser.primary() }
            return .root(inner, degree: mark == .cubeRootSign ? .number(3) : nil)
        case .openRound, .openSquare, .openSet, .openCurly, .openAngle:
            return try nested { parser throws(NotMathematics) in try parser.bracketed(mark) }
        case .bar: return try enclosed(by: .bar, .abs)
        case .openFloor: return try enclosed(by: .closeFloor, .floor)
        case .openCeiling: return try enclosed(by: .closeCeiling, .ceil)
        default: throw NotMathematics()
        }
    }

    private mutating func enclosed(by close: MathMark, _ function: MathFunction) throws(NotMathematics) -> MathNode {
        position += 1
        let outer = barEnds
        barEnds = close == .bar
        let inner = try nested { parser throws(NotMathematics) in try parser.sum() }
        barEnds = outer
        try expect(close)
        return .function(function, inner)
    }

    /// What is in braces that only group.
    mutating func group() throws(NotMathematics) -> MathNode {
        try expect(.openCurly)
        let outer = barEnds
        barEnds = false
        defer { barEnds = outer }
        let node = try nested { parser throws(NotMathematics) in try parser.sum() }
        if case .function(.choose) = next {
            position += 1
            let below = try nested { parser throws(NotMathematics) in try parser.sum() }
            try expect(.closeCurly)
            return .binomial(node, below)
        }
        try expect(.closeCurly)
        return node
    }

    // MARK: - Numbers

    /// A number, and the fraction that makes a mixed number of it.
    private mutating func mixed(_ value: Rational, isWhole: Bool) throws(NotMathematics) -> MathNode {
        guard let next else { return .number(value) }
        switch next {
        case .vulgarFraction(let fraction):
            guard value.isInteger else { throw NotMathematics() }
            position += 1
            return .number(value + fraction)
        case .number(let above, _?) where isWhole && tokens[position].isApart:
            guard case .mark(.slash) = token(1), case .number(let below, _?) = token(2), !tokens[position + 1].isApart,
                let fraction = above.divided(by: below), fraction < 1
            else { throw NotMathematics() }
            position += 3
            return .number(value + fraction)
        case .function(.fraction) where isWhole:
            let start = position
            position += 1
            let (above, below) = (try argument(), try argument())
            guard case .number(let first) = above, case .number(let second) = below, first.isInteger,
                second.isInteger
            else {
                position = start
                return .number(value)
            }
            // 2 3/2 is neither a mixed number nor clearly a product.
            guard let fraction = first.divided(by: second), !fraction.isNegative, fraction < 1 else {
                throw NotMathematics()
            }
            return .number(value + fraction)
        default: return .number(value)
        }
    }

    /// A number whose base is its index.
    private mutating func number(_ digits: String, inBaseAt place: Int) throws(NotMathematics) -> MathNode {
        position = place
        let node: MathNode
        if nextMark == .openCurly { node = try group() } else { node = try argument() }
        guard case .number(let value) = node, let base = Int(exactly: value.numerator), value.isInteger,
            (2...36).contains(base), digits.utf8.count <= NumberLimits.digits, !digits.isEmpty,
            let number = BigInt(digits, radix: base), !digits.hasPrefix("-"), !digits.hasPrefix("+")
        else { throw NotMathematics() }
        return .number(Rational(number))
    }

    // MARK: - Letters

    private mutating func letters(_ word: String) throws(NotMathematics) -> MathNode {
        let isAlone = tokens.count == 1
        // Prose has spaces between its words.
        if word.utf8.count > 1, position > 0, case .letters(let before) = token(-1), before.utf8.count > 0 {
            throw NotMathematics()
        }
        position += 1
        let isUpper = word.utf8.allSatisfy { $0 & 0x20 == 0 }
        switch word.utf8.count {
        case 1:
            if nextMark == .openRound, "fghFGH".contains(word) { return try call(word) }
            switch word {
            case "e" where nextMark != .underscore: return .euler
            case "i" where nextMark != .underscore: return .imaginary
            default: return try indexed(word)
            }
        case _ where nextMark == .underscore: throw NotMathematics()
        // AB is the length of a side or the name of a thing, not a product.
        case _ where isUpper && !Self.words.contains(word.lowercased()): return .symbol(word)
        case 2, 3:
            guard !(isAlone && word.utf8.count == 3), !Self.words.contains(word.lowercased()) else {
                throw NotMathematics()
            }
            var node: MathNode?
            for letter in word {
                let factor: MathNode =
                    letter == "e" ? .euler : letter == "i" ? .imaginary : .symbol(String(letter))
                node = node.map { .product($0, factor) } ?? factor
            }
            // The exponent behind the last letter is that letter's.
            guard let node, nextMark == .caret, case .product(let rest, let last) = node else {
                return node ?? .symbol(word)
            }
            position += 1
            return .product(rest, .power(last, try exponent()))
        default:
            // A name that is given a value.
            guard nextMark?.isRelation == true else { throw NotMathematics() }
            return .symbol(word)
        }
    }

    /// Words of two or three letters that are no products.
    private static let words: Set<String> = [
        "no", "on", "or", "of", "in", "is", "it", "if", "to", "at", "as", "by", "be", "do", "go", "so", "up", "us",
        "we", "my", "me", "he", "am", "an", "the", "and", "not", "yes", "odd", "for", "are", "all", "any", "one", "two",
        "six", "ten", "but", "can", "her", "his", "its", "our", "out", "was", "who", "how", "pm", "st", "nd", "rd",
        "th", "max", "min", "gcd", "lcm",
        "mod", "det", "dim", "deg", "arg", "sup", "inf", "lim",
    ]

    /// A variable with its index.
    private mutating func indexed(_ name: String) throws(NotMathematics) -> MathNode {
        guard take(.underscore) else { return .symbol(name) }
        if nextMark == .openCurly {
            let start = position
            guard let end = tokens[start...].firstIndex(where: { $0.token == .mark(.closeCurly) }) else {
                throw NotMathematics()
            }
            position = end + 1
            return .symbol(name + "_" + tokens[start + 1..<end].map { Self.spelling($0.token) }.joined())
        }
        guard let token = next else { throw NotMathematics() }
        let index = Self.spelling(token)
        guard !index.isEmpty else { throw NotMathematics() }
        position += 1
        return .symbol(name + "_" + index)
    }

    /// A token in the name of a variable.
    private static func spelling(_ token: MathToken) -> String {
        switch token {
        case .number(let value, let digits): digits ?? value.description
        case .letters(let word), .name(let word), .text(let word): word
        case .mark(let mark): "\u{1}\(mark.rawValue)"
        default: ""
        }
    }

    private mutating func call(_ name: String) throws(NotMathematics) -> MathNode {
        let inner = try nested { parser throws(NotMathematics) in try parser.bracketed(.openRound) }
        if case .group(_, let items, _) = inner { return .call(name, items) }
        return .call(name, [inner])
    }
}
