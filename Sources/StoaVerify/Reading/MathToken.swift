/// A piece of a formula: what LaTeX and plain text have many spellings for is one token.
enum MathToken: Hashable, Sendable {
    /// Digits, with a point perhaps; `digits` has those of a plain whole number.
    case number(Rational, digits: String?)
    /// One of ½, ¾ and the like.
    case vulgarFraction(Rational)
    /// Letters that stand together.
    case letters(String)
    /// A variable that a command names.
    case name(String)
    /// Words in a text command.
    case text(String)
    /// A function.
    case function(MathFunction)
    /// A sign.
    case mark(MathMark)
    /// `\begin` of a matrix.
    case begin(isDeterminant: Bool)
    /// `\end` of one.
    case end
    /// The sign of a currency, in the spelling of `Units`.
    case currency(String)
}

/// Signs, whatever they are written as.
enum MathMark: UInt8, Hashable, Sendable {
    case plus, minus, times, slash, divide, caret, underscore, plusMinus, minusPlus
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, approximate, member, proportional
    case comma, semicolon, colon, and, or, exclamation, percent, degree, prime, ampersand, row, bar
    case union, intersection, without, infinity, emptySet, reals, pi, squareRootSign, cubeRootSign
    case openRound, closeRound, openSquare, closeSquare, openCurly, closeCurly, openSet, closeSet
    case openAngle, closeAngle, openFloor, closeFloor, openCeiling, closeCeiling

    /// Whether it joins two sides of a relation.
    var isRelation: Bool { rawValue >= Self.equal.rawValue && rawValue <= Self.member.rawValue }
}

/// Functions, by the one name that they have here.
enum MathFunction: String, Hashable, Sendable {
    case fraction, squareRoot, cubeRoot, binomial, choose, overline
    case sin, cos, tan, cot, sec, csc, arcsin, arccos, arctan
    case ln, log, lg, exp, abs, floor, ceil

    /// Whether an argument may follow without brackets.
    var isPrefix: Bool {
        switch self {
        case .fraction, .squareRoot, .cubeRoot, .binomial, .choose, .overline: false
        default: true
        }
    }

    /// The inverse of a trigonometric function, which an exponent of -1 denotes.
    var inverse: MathFunction? {
        switch self {
        case .sin: .arcsin
        case .cos: .arccos
        case .tan: .arctan
        default: nil
        }
    }

    /// The functions that have a name in plain text.
    static let plain: [String: MathFunction] = [
        "sqrt": .squareRoot, "cbrt": .cubeRoot, "sin": .sin, "cos": .cos, "tan": .tan, "cot": .cot, "sec": .sec,
        "csc": .csc, "cosec": .csc, "arcsin": .arcsin, "arccos": .arccos, "arctan": .arctan, "asin": .arcsin,
        "acos": .arccos, "atan": .arctan, "ln": .ln, "log": .log, "lg": .lg, "exp": .exp, "abs": .abs, "floor": .floor,
        "ceil": .ceil,
    ]
}

/// A token, where it stands, and whether a space stands before it.
struct PlacedToken: Hashable, Sendable {
    var token: MathToken
    var isApart: Bool
}

/// Why a text is no formula that is understood.
struct NotMathematics: Error, Hashable {}
