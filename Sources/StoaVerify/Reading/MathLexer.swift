/// Takes a formula apart: LaTeX, plain text and characters beyond ASCII, mixed as models mix them.
struct MathLexer {
    let bytes: [UInt8]
    var position = 0
    private var tokens: [PlacedToken] = []
    private var isApart = false
    /// Brackets that are open, for what a comma means inside.
    var depth = 0
    /// Of every open brace, whether it brackets a list.
    private var curlies: [Bool] = []
    /// Whether brackets hold commas with spaces behind them: then a comma without may part thousands.
    let hasSpacedCommas: Bool
    /// Whether a dollar sign stands for a formula rather than money.
    private let dollarsDelimit: Bool

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        hasSpacedCommas = zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: ",") && $1 == 0x20 }
        var dollars = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "$") {
            if index == 0 || bytes[index - 1] != UInt8(ascii: "\\") { dollars += 1 }
        }
        dollarsDelimit = dollars % 2 == 0
    }

    /// The tokens of a text.
    ///
    /// - Parameter bytes: the text, at most `EquivalenceLimits.textBytes` long.
    /// - Returns: the tokens, in order.
    /// - Throws: `NotMathematics` for commands and characters that are not known.
    static func tokens(of bytes: [UInt8]) throws(NotMathematics) -> [PlacedToken] {
        var lexer = MathLexer(bytes)
        while lexer.position < lexer.bytes.count { try lexer.step() }
        return lexer.tokens
    }

    func byte(_ offset: Int = 0) -> UInt8? {
        let place = position + offset
        return bytes.indices.contains(place) ? bytes[place] : nil
    }

    mutating func emit(_ token: MathToken) {
        tokens.append(PlacedToken(token: token, isApart: isApart))
        isApart = false
    }

    private mutating func step() throws(NotMathematics) {
        let first = bytes[position]
        switch first {
        case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: "~"):
            position += 1
            isApart = true
        case _ where first.isDigit, UInt8(ascii: ".") where byte(1)?.isDigit == true || isRepetend(1): try number()
        case _ where first.isLetter: letters()
        case UInt8(ascii: "\\"): try command()
        case UInt8(ascii: "$"):
            position += 1
            if !dollarsDelimit { emit(.currency("$")) }
        case _ where first.isBeyondASCII: try character()
        default: try sign(first)
        }
    }

    private mutating func sign(_ first: UInt8) throws(NotMathematics) {
        guard let mark = MathCommands.sign(first) else { throw NotMathematics() }
        position += 1
        switch (mark, byte()) {
        case (.times, UInt8(ascii: "*")):
            position += 1
            return emit(.mark(.caret))
        case (.less, UInt8(ascii: "=")):
            position += 1
            return emit(.mark(.lessOrEqual))
        case (.greater, UInt8(ascii: "=")):
            position += 1
            return emit(.mark(.greaterOrEqual))
        case (.exclamation, UInt8(ascii: "=")):
            position += 1
            return emit(.mark(.notEqual))
        case (.equal, UInt8(ascii: "=")): position += 1
        case (.slash, UInt8(ascii: "/")): throw NotMathematics()
        case (.caret, _) where takeDegree(): return emit(.mark(.degree))
        case (.openRound, _), (.openSquare, _): depth += 1
        case (.closeRound, _), (.closeSquare, _): depth -= 1
        case (.openCurly, _):
            // Braces bracket a list only where no command has them as its argument.
            let before = tokens.last?.token
            let isList = before == nil || before == .mark(.comma) || before.map(Self.isJoining) == true
            curlies.append(isList)
            if isList { depth += 1 }
        case (.closeCurly, _): if curlies.popLast() == true { depth -= 1 }
        default: break
        }
        emit(.mark(mark))
    }

    /// Whether a brace behind a token begins a list.
    private static func isJoining(_ token: MathToken) -> Bool {
        guard case .mark(let mark) = token else { return false }
        return mark.isRelation || mark == .union || mark == .intersection || mark == .without || mark == .openCurly
    }

    /// `\circ` behind a caret, bare or in braces.
    private mutating func takeDegree() -> Bool {
        for text in ["{\\circ}", "\\circ", "{ \\circ }", "{\\degree}", "\\degree", "{o}"] {
            guard bytes[position...].starts(with: text.utf8) else { continue }
            let end = position + text.utf8.count
            if text.last != "}", end < bytes.count, bytes[end].isLetter { continue }
            position = end
            return true
        }
        return false
    }

    // MARK: - Words

    private mutating func letters() {
        let start = position
        while position < bytes.count, bytes[position].isLetter { position += 1 }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        if word.utf8.count > 1 {
            if let function = MathFunction.plain[word] { return emit(.function(function)) }
            switch word {
            case "pi": return emit(.mark(.pi))
            case "and": return emit(.mark(.and))
            case "or": return emit(.mark(.or))
            case "percent": return emit(.mark(.percent))
            case "inf", "infinity", "infty", "oo": return emit(.mark(.infinity))
            case "USD", "EUR", "GBP": return emit(.currency(Units.canonical(word)))
            case "US" where byte() == UInt8(ascii: "$"): return
            case "degrees" where tokens.isEmpty == false, "degree" where tokens.isEmpty == false:
                return emit(.mark(.degree))
            default: break
            }
        }
        emit(.letters(word))
    }

    // MARK: - Characters beyond ASCII

    private mutating func character() throws(NotMathematics) {
        var iterator = bytes[position...].makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { throw NotMathematics() }
        let length = String(scalar).utf8.count
        if let found = MathCommands.characters[scalar] {
            position += length
            for token in found { emit(token) }
            return
        }
        if MathCommands.superscripts[scalar] != nil {
            return try script(MathCommands.superscripts, .caret)
        }
        if MathCommands.subscripts[scalar] != nil { return try script(MathCommands.subscripts, .underscore) }
        switch scalar {
        case "\u{A0}", "\u{2009}", "\u{202F}", "\u{2003}", "\u{3000}":
            position += length
            isApart = true
        case "\u{200B}", "\u{2061}", "\u{2062}", "\u{FEFF}": position += length
        default: throw NotMathematics()
        }
    }

    /// A run of raised or lowered digits, as an exponent or an index in braces.
    private mutating func script(_ table: [Unicode.Scalar: UInt8], _ mark: MathMark) throws(NotMathematics) {
        var run: [UInt8] = []
        let text = String(decoding: bytes[position...].prefix(64), as: UTF8.self)
        for scalar in text.unicodeScalars {
            guard let byte = table[scalar] else { break }
            run.append(byte)
            position += String(scalar).utf8.count
        }
        emit(.mark(mark))
        emit(.mark(.openCurly))
        for token in try Self.tokens(of: run) { emit(token.token) }
        emit(.mark(.closeCurly))
    }

    // MARK: - Commands

    private mutating func command() throws(NotMathematics) {
        position += 1
        guard let first = byte() else { throw NotMathematics() }
        let start = position
        if first.isLetter {
            while position < bytes.count, bytes[position].isLetter { position += 1 }
        } else {
            position += 1
        }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let meaning = first.isLetter ? MathCommands.named[name] : MathCommands.symbolic(first) else {
            throw NotMathematics()
        }
        switch meaning {
        case .token(let token):
            if case .mark(.openSet) = token { depth += 1 }
            if case .mark(.closeSet) = token { depth -= 1 }
            emit(token)
        case .nothing:
            // The point that stands for no bracket at all.
            if name == "left" || name == "right" || name == "middle", byte() == UInt8(ascii: ".") { position += 1 }
        case .space: isApart = true
        case .text: try text()
        case .accent: emit(.name(name + " " + (try argument().filter { $0 != " " })))
        case .phantom: _ = try argument()
        case .blackboard:
            switch try argument() {
            case "R": emit(.mark(.reals))
            case let set where set.utf8.count == 1: emit(.name("mathbb " + set))
            default: throw NotMathematics()
            }
        case .begin:
            let environment = try argument()
            guard ["pmatrix", "bmatrix", "matrix", "vmatrix", "Bmatrix", "array", "smallmatrix"].contains(environment)
            else { throw NotMathematics() }
            // The columns of an array.
            if environment == "array" { _ = try argument() }
            emit(.begin(isDeterminant: environment == "vmatrix"))
            depth += 1
        case .end:
            _ = try argument()
            emit(.end)
            depth -= 1
        }
    }

    /// The argument of a command, in braces or one character.
    private mutating func argument() throws(NotMathematics) -> String {
        while byte() == 0x20 { position += 1 }
        guard let first = byte() else { throw NotMathematics() }
        guard first == UInt8(ascii: "{") else {
            guard first.isLetter || first.isDigit || first == UInt8(ascii: "-") else { throw NotMathematics() }
            position += 1
            return String(Unicode.Scalar(first))
        }
        guard let end = Braces.end(of: position, in: bytes, to: bytes.count) else { throw NotMathematics() }
        defer { position = end }
        return String(decoding: bytes[position + 1..<end - 1], as: UTF8.self)
    }

    /// Words of a text command: those that join answers, functions, or a unit.
    private mutating func text() throws(NotMathematics) {
        var words = try argument()[...]
        while let first = words.first, first == " " || first == "~" {
            words.removeFirst()
            isApart = true
        }
        while words.last == " " || words.last == "~" { words.removeLast() }
        if words.first == "," || words.first == ";" {
            emit(.mark(.comma))
            words = words.dropFirst().drop { $0 == " " }
        }
        let hasComma = words.last == ","
        if hasComma { words.removeLast() }
        switch words {
        case "": break
        case "and": emit(.mark(.and))
        case "or": emit(.mark(.or))
        case "percent": emit(.mark(.percent))
        default:
            if let function = MathFunction.plain[String(words)] {
                emit(.function(function))
            } else {
                emit(.text(String(words)))
            }
        }
        if hasComma { emit(.mark(.comma)) }
        isApart = true
    }
}
