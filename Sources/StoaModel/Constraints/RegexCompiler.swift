internal import StoaCore

/// Reads the regular expressions that `OutputConstraint.regex` documents.
struct RegexCompiler {
    private typealias Ranges = [ClosedRange<UInt32>]

    private let text: String
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var depth = 0

    private init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    /// Compiles an expression.
    ///
    /// - Parameter text: the expression.
    /// - Returns: the grammar of the texts that it matches as a whole.
    /// - Throws: `ConstraintError` with the place of what is not known.
    static func compile(_ text: String) throws(ConstraintError) -> Grammar {
        var compiler = RegexCompiler(text)
        if compiler.current == "^" { compiler.place += 1 }
        let pattern = try compiler.alternatives()
        if compiler.current == "$" { compiler.place += 1 }
        guard compiler.current == nil else { throw compiler.failure("nothing opens what is closed here") }
        return try Grammar(rules: [pattern])
    }

    private var current: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private func failure(_ message: String) -> ConstraintError { .regex(text, at: place, message) }

    private mutating func take() throws(ConstraintError) -> Unicode.Scalar {
        guard let scalar = current else { throw failure("the expression ends too early") }
        place += 1
        return scalar
    }

    // MARK: - Structure

    private mutating func alternatives() throws(ConstraintError) -> GrammarPattern {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else { throw failure("groups are nested too deep") }
        var choices = [try sequence()]
        while current == "|" {
            place += 1
            choices.append(try sequence())
        }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws(ConstraintError) -> GrammarPattern {
        var parts: [GrammarPattern] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            if scalar == "$", depth == 1, place == scalars.count - 1 { break }
            parts.append(try repeated(try atom()))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func repeated(_ atom: GrammarPattern) throws(ConstraintError) -> GrammarPattern {
        let start = place
        var (least, most): (Int, Int?)
        switch current {
        case "*": (least, most) = (0, nil)
        case "+": (least, most) = (1, nil)
        case "?": (least, most) = (0, 1)
        case "{":
            place += 1
            least = try number()
            most = least
            if current == "," {
                place += 1
                most = current == "}" ? nil : try number()
            }
            guard current == "}" else { throw failure("expected '}'") }
            if let most, most < least { throw failure("the most is less than the least") }
        default: return atom
        }
        place += 1
        if let next = current, ["*", "+", "?", "{"].contains(next) {
            throw failure("lazy, possessive and double repetitions are not known")
        }
        guard !atom.mayBeEmpty else {
            place = start
            throw failure("what may be empty can't be repeated")
        }
        return (least, most) == (0, 1) ? .optional(atom) : .loop(atom, least: least, most: most)
    }

    private mutating func number() throws(ConstraintError) -> Int {
        var value: Int?
        while let scalar = current, ("0"..."9").contains(scalar) {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            place += 1
            if let value, value > 100_000 { throw failure("repetitions of more than 100000 are not known") }
        }
        guard let value else { throw failure("expected a number") }
        return value
    }

    private mutating func atom() throws(ConstraintError) -> GrammarPattern {
        let scalar = try take()
        switch scalar {
        case "(":
            if current == "?" {
                place += 1
                guard try take() == ":" else { throw failure("of groups with '(?' only '(?:' is known") }
            }
            let inner = try alternatives()
            guard current == ")" else { throw failure("expected ')'") }
            place += 1
            return inner
        case "[": return .scalars(try set())
        case ".": return .scalars(Self.complement([0x0A...0x0A]))
        case "\\": return .scalars(try escape())
        case "^", "$", "*", "+", "?", "{", "}", "]":
            place -= 1
            throw failure("'\(scalar)' has to be written '\\\(scalar)' here")
        default: return .scalars([scalar.value...scalar.value])
        }
    }

    // MARK: - Characters

    private mutating func escape() throws(ConstraintError) -> Ranges {
        let scalar = try take()
        switch scalar {
        case "n": return [0x0A...0x0A]
        case "r": return [0x0D...0x0D]
        case "t": return [0x09...0x09]
        case "d": return Self.digits
        case "D": return Self.complement(Self.digits)
        case "w": return Self.words
        case "W": return Self.complement(Self.words)
        case "s": return Self.spaces
        case "S": return Self.complement(Self.spaces)
        case "u":
            var value: UInt32 = 0
            for _ in 0..<4 {
                guard let digit = Int(String(try take()), radix: 16) else { throw failure("expected four hex digits") }
                value = value * 16 + UInt32(digit)
            }
            guard Unicode.Scalar(value) != nil else { throw failure("half a surrogate pair is no character") }
            return [value...value]
        default:
            let isPlain = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
            guard !isPlain else { throw failure("the escape '\\\(scalar)' is not known") }
            return [scalar.value...scalar.value]
        }
    }

    private mutating func set() throws(ConstraintError) -> Ranges {
        let isNegated = current == "^"
        if isNegated { place += 1 }
        var ranges: Ranges = []
        while let scalar = current, scalar != "]" || ranges.isEmpty {
            place += 1
            let first = scalar == "\\" ? try escape() : [scalar.value...scalar.value]
            guard current == "-", place + 1 < scalars.count, scalars[place + 1] != "]" else {
                ranges += first
                continue
            }
            place += 1
            let end = try take()
            let last = end == "\\" ? try escape() : [end.value...end.value]
            guard first.count == 1, last.count == 1, first[0].count == 1, last[0].count == 1,
                first[0].lowerBound <= last[0].lowerBound
            else { throw failure("a range goes from one character up to another") }
            ranges.append(first[0].lowerBound...last[0].lowerBound)
        }
        guard current == "]" else { throw failure("expected ']'") }
        place += 1
        return isNegated ? Self.complement(ranges) : ranges
    }

    private static let digits: Ranges = [0x30...0x39]
    private static let words: Ranges = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    private static let spaces: Ranges = [0x09...0x0D, 0x20...0x20]

    private static func complement(_ ranges: Ranges) -> Ranges {
        var (result, next): (Ranges, UInt32) = ([], 0)
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return result
    }
}
