/// LaTeX commands and characters beyond ASCII, and what they mean.
enum MathCommands {
    /// What a command stands for.
    enum Meaning: Sendable {
        case token(MathToken)
        /// Nothing: spacing, sizes, fonts.
        case nothing
        /// A space.
        case space
        /// A command whose argument is words.
        case text
        /// An accent that makes another variable of its argument.
        case accent
        /// `\begin` and `\end`.
        case begin, end
        /// A command whose argument is left out.
        case phantom
        /// `\mathbb`.
        case blackboard
    }

    static let named: [String: Meaning] = {
        var table: [String: Meaning] = [:]
        func add(_ names: String, _ meaning: Meaning) {
            for name in names.split(separator: " ") { table[String(name)] = meaning }
        }
        func mark(_ names: String, _ mark: MathMark) { add(names, .token(.mark(mark))) }
        func function(_ names: String, _ function: MathFunction) { add(names, .token(.function(function))) }

        add("left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle", .nothing)
        add("displaystyle textstyle scriptstyle limits nolimits boldsymbol mathbf bf rm it boxed fbox mathit", .nothing)
        add("mathcal mathsf bm pmb mathopen mathclose ensuremath hline", .nothing)
        add("quad qquad space thinspace enspace", .space)
        add("text textbf textit textrm textnormal mbox hbox mathrm operatorname textsf emph texttt", .text)
        add("vec hat bar tilde widehat underline overrightarrow dot", .accent)
        add("begin", .begin)
        add("end", .end)
        add("phantom hphantom vphantom", .phantom)
        add("mathbb", .blackboard)

        function("frac dfrac tfrac cfrac", .fraction)
        function("binom dbinom tbinom", .binomial)
        function("choose", .choose)
        function("sqrt", .squareRoot)
        function("overline", .overline)
        for name in ["sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "ln", "log", "lg", "exp"] {
            if let function = MathFunction.plain[name] { add(name, .token(.function(function))) }
        }

        mark("cdot times ast", .times)
        mark("div", .divide)
        mark("pm", .plusMinus)
        mark("mp", .minusPlus)
        mark("le leq leqslant", .lessOrEqual)
        mark("ge geq geqslant", .greaterOrEqual)
        mark("lt", .less)
        mark("gt", .greater)
        mark("ne neq", .notEqual)
        mark("approx", .approximate)
        mark("in", .member)
        mark("cup bigcup", .union)
        mark("cap", .intersection)
        mark("setminus backslash", .without)
        mark("infty", .infinity)
        mark("emptyset varnothing", .emptySet)
        mark("pi", .pi)
        mark("circ degree", .degree)
        mark("prime", .prime)
        mark("mid vert lvert rvert", .bar)
        mark("colon", .colon)
        mark("lbrace", .openSet)
        mark("rbrace", .closeSet)
        mark("lbrack", .openSquare)
        mark("rbrack", .closeSquare)
        mark("langle", .openAngle)
        mark("rangle", .closeAngle)
        mark("lfloor", .openFloor)
        mark("rfloor", .closeFloor)
        mark("lceil", .openCeiling)
        mark("rceil", .closeCeiling)
        mark("land wedge", .and)
        mark("lor vee", .or)

        let greek =
            "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho "
            + "sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega Pi ell"
        for name in greek.split(separator: " ") { table[String(name)] = .token(.name(String(name))) }
        return table
    }()

    /// Commands of one character.
    static func symbolic(_ character: UInt8) -> Meaning? {
        switch character {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "!"), UInt8(ascii: ">"): .nothing
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"): .space
        case UInt8(ascii: "{"): .token(.mark(.openSet))
        case UInt8(ascii: "}"): .token(.mark(.closeSet))
        case UInt8(ascii: "%"): .token(.mark(.percent))
        case UInt8(ascii: "$"): .token(.currency("$"))
        case UInt8(ascii: "\\"): .token(.mark(.row))
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"): .nothing
        default: nil
        }
    }

    /// Characters of ASCII that are a token by themselves.
    static func sign(_ character: UInt8) -> MathMark? {
        switch character {
        case UInt8(ascii: "+"): .plus
        case UInt8(ascii: "-"): .minus
        case UInt8(ascii: "*"): .times
        case UInt8(ascii: "/"): .slash
        case UInt8(ascii: "^"): .caret
        case UInt8(ascii: "_"): .underscore
        case UInt8(ascii: "="): .equal
        case UInt8(ascii: "<"): .less
        case UInt8(ascii: ">"): .greater
        case UInt8(ascii: ","): .comma
        case UInt8(ascii: ";"): .semicolon
        case UInt8(ascii: ":"): .colon
        case UInt8(ascii: "!"): .exclamation
        case UInt8(ascii: "%"): .percent
        case UInt8(ascii: "'"): .prime
        case UInt8(ascii: "&"): .ampersand
        case UInt8(ascii: "|"): .bar
        case UInt8(ascii: "("): .openRound
        case UInt8(ascii: ")"): .closeRound
        case UInt8(ascii: "["): .openSquare
        case UInt8(ascii: "]"): .closeSquare
        case UInt8(ascii: "{"): .openCurly
        case UInt8(ascii: "}"): .closeCurly
        default: nil
        }
    }

    /// Characters beyond ASCII.
    static let characters: [Unicode.Scalar: [MathToken]] = {
        var table: [Unicode.Scalar: [MathToken]] = [:]
        let marks: [(String, MathMark)] = [
            ("−–—﹣－", .minus), ("＋", .plus), ("×·⋅∙•∗⨯", .times), ("÷", .divide), ("⁄∕", .slash), ("±", .plusMinus),
            ("∓", .minusPlus), ("＝", .equal), ("≠", .notEqual), ("≤⩽≦", .lessOrEqual), ("≥⩾≧", .greaterOrEqual),
            ("≈", .approximate), ("∈", .member), ("∪", .union), ("∩", .intersection), ("∖", .without),
            ("∞", .infinity), ("∅⌀Ø", .emptySet), ("ℝ", .reals), ("π𝜋𝝅", .pi), ("°˚º", .degree), ("′’", .prime),
            ("∣", .bar), ("√", .squareRootSign), ("∛", .cubeRootSign), ("⟨", .openAngle), ("⟩", .closeAngle),
            ("⌊", .openFloor), ("⌋", .closeFloor), ("⌈", .openCeiling), ("⌉", .closeCeiling), ("∧", .and), ("∨", .or),
            ("，", .comma), ("；", .semicolon), ("（", .openRound), ("）", .closeRound), ("％", .percent),
        ]
        for (characters, mark) in marks {
            for character in characters.unicodeScalars { table[character] = [.mark(mark)] }
        }
        let fractions: [(Unicode.Scalar, Int, Int)] = [
            ("½", 1, 2), ("⅓", 1, 3), ("⅔", 2, 3), ("¼", 1, 4), ("¾", 3, 4), ("⅕", 1, 5), ("⅖", 2, 5), ("⅗", 3, 5),
            ("⅘", 4, 5), ("⅙", 1, 6), ("⅚", 5, 6), ("⅛", 1, 8), ("⅜", 3, 8), ("⅝", 5, 8), ("⅞", 7, 8),
        ]
        for (character, above, below) in fractions { table[character] = [.vulgarFraction(Rational(above, below))] }
        for (character, unit) in [("€", "€"), ("£", "£"), ("¥", "¥"), ("₹", "₹")] as [(Unicode.Scalar, String)] {
            table[character] = [.currency(unit)]
        }
        let greek = zip(
            "αβγδεζηθικλμνξρστυφχψωΔΘΛΣΦΨΩ".unicodeScalars,
            ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi "
                + "psi omega Delta Theta Lambda Sigma Phi Psi Omega").split(separator: " "))
        for (character, name) in greek { table[character] = [.name(String(name))] }
        return table
    }()

    /// Digits and signs above the line.
    static let superscripts: [Unicode.Scalar: UInt8] = [
        "⁰": 0x30, "¹": 0x31, "²": 0x32, "³": 0x33, "⁴": 0x34, "⁵": 0x35, "⁶": 0x36, "⁷": 0x37, "⁸": 0x38, "⁹": 0x39,
        "⁻": 0x2D, "⁺": 0x2B, "ⁿ": 0x6E,
    ]
    /// Digits below it.
    static let subscripts: [Unicode.Scalar: UInt8] = [
        "₀": 0x30, "₁": 0x31, "₂": 0x32, "₃": 0x33, "₄": 0x34, "₅": 0x35, "₆": 0x36, "₇": 0x37, "₈": 0x38, "₉": 0x39,
    ]
}
