/// Units and currencies: how they are spelt, and which words are none.
enum Units {
    /// One spelling for each unit that has several.
    private static let canonical: [String: String] = {
        let groups: [[String]] = [
            ["$", "dollar", "dollars", "usd"], ["€", "euro", "euros", "eur"], ["£", "gbp"], ["¥", "yen", "jpy"],
            ["₹", "rupee", "rupees", "inr"], ["¢", "cent", "cents"],
            ["mm", "millimeter", "millimeters", "millimetre", "millimetres"],
            ["cm", "centimeter", "centimeters", "centimetre", "centimetres"],
            ["m", "meter", "meters", "metre", "metres"],
            ["km", "kilometer", "kilometers", "kilometre", "kilometres"],
            ["in", "inch", "inches"], ["ft", "foot", "feet"], ["yd", "yard", "yards"], ["mi", "mile", "miles"],
            ["mg", "milligram", "milligrams"], ["g", "gram", "grams"],
            ["kg", "kilogram", "kilograms", "kilo", "kilos"],
            ["lb", "lbs", "pound", "pounds"], ["oz", "ounce", "ounces"], ["ton", "tons"],
            ["ml", "milliliter", "milliliters", "millilitre", "millilitres"],
            ["l", "liter", "liters", "litre", "litres"],
            ["gal", "gallon", "gallons"],
            ["ms", "millisecond", "milliseconds"], ["s", "sec", "secs", "second", "seconds"],
            ["min", "mins", "minute", "minutes"], ["h", "hr", "hrs", "hour", "hours"], ["day", "days"],
            ["week", "weeks"], ["month", "months"], ["yr", "yrs", "year", "years"],
            ["mph"], ["degree", "degrees", "deg"], ["radian", "radians", "rad"], ["person", "people", "persons"],
        ]
        var names: [String: String] = [:]
        for group in groups { for name in group { names[name] = group[0] } }
        return names
    }()

    /// Words behind a number that make another number of it, or leave open which number is meant.
    private static let excluded: Set<String> = [
        "hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "billions", "trillion",
        "trillions", "dozen", "dozens", "score", "half", "halves", "third", "thirds", "quarter", "quarters", "fourth",
        "fourths", "fifth", "fifths", "sixth", "sixths", "seventh", "sevenths", "eighth", "eighths", "ninth", "ninths",
        "tenth", "tenths", "hundredth", "hundredths", "thousandth", "thousandths", "percent", "percentage", "per",
        "pi", "sqrt", "root", "roots", "log", "ln", "sin", "cos", "tan", "exp", "mod", "squared", "cubed", "factorial",
        "plus", "minus", "times", "over", "divided", "by", "and", "or", "to", "not", "of", "if", "is", "are", "equals",
        "equal", "more", "less", "than", "remainder", "point", "base", "infinity", "st", "nd", "rd", "th", "i", "e",
        "tens", "ones", "negative", "mega", "giga", "kilo", "double", "triple", "twice", "unknown", "but", "then",
        "with", "without", "power",
    ]

    /// The one spelling of a word; a plural is its singular.
    static func canonical(_ word: String) -> String {
        let lower = word.lowercased()
        if let name = canonical[lower] { return name }
        return lower.count > 3 && lower.hasSuffix("s") && !lower.hasSuffix("ss") ? String(lower.dropLast()) : lower
    }

    /// Whether a word is a unit that needs no space before it and no explanation.
    static func isKnown(_ word: String) -> Bool { canonical[word.lowercased()] != nil }

    /// Whether a word behind a number can be what is counted.
    static func isCountable(_ word: String) -> Bool { word.count > 1 && !excluded.contains(word.lowercased()) }
}

extension TextScanner {
    private static let currencies: [(text: String, unit: String)] = [
        ("US$", "$"), ("\\$", "$"), ("$", "$"), ("€", "€"), ("£", "£"), ("¥", "¥"), ("₹", "₹"),
        ("USD ", "$"), ("EUR ", "€"),
    ]
    private static let degrees = ["^{\\circ}", "^\\circ", "\\degree", "°"]
    private static let textCommands = ["\\text", "\\mathrm", "\\textrm", "\\mbox", "\\textbf", "\\operatorname"]
    private static let squares = [("^{2}", "2"), ("^2", "2"), ("²", "2"), ("^{3}", "3"), ("^3", "3"), ("³", "3")]
    /// Words of a unit, as in `kilometres per hour`.
    private static let words = 3

    /// Steps over the sign of a currency.
    mutating func takeCurrency() -> String? {
        for (text, unit) in Self.currencies where take(text) { return unit }
        return nil
    }

    /// Reads the unit behind a whole answer's number.
    ///
    /// - Parameter amount: the number and its currency.
    /// - Returns: the unit in its one spelling, empty for none; nil where what follows is no unit.
    mutating func takeUnit(of amount: Amount) -> String? {
        var parts: [String] = amount.currency.map { [$0] } ?? []
        let isAttached = !skipSpaces()
        if take(anyOf: Self.degrees) {
            parts.append("degree")
            skipSpaces()
        } else if let sign = takeCurrency() {
            parts.append(sign)
            skipSpaces()
        }
        while !isAtEnd {
            guard let part = takeUnitWord(isAttached: isAttached && parts.isEmpty, after: parts.last) else {
                return nil
            }
            // `$5 dollars` says it twice.
            if parts.last != part { parts.append(part) }
            guard parts.count <= Self.words + 1 else { return nil }
            skipSpaces()
        }
        guard !(amount.isPercent && !parts.isEmpty) else { return nil }
        return parts.joined(separator: " ")
    }

    /// One word of a unit, or the mark between two.
    private mutating func takeUnitWord(isAttached: Bool, after before: String?) -> String? {
        if before != nil, take("/") { return "per" }
        if let command = Self.textCommands.first(where: { starts(with: $0 + "{") }) {
            let start = position + command.utf8.count
            guard let close = Braces.end(of: start, in: bytes, to: end) else { return nil }
            var inner = TextScanner(bytes, from: start + 1, to: close - 1)
            position = close
            var parts: [String] = []
            inner.skipSpaces()
            while !inner.isAtEnd {
                if !parts.isEmpty, inner.take("/") {
                    parts.append("per")
                } else {
                    // In a text command a single letter is no variable.
                    guard let word = inner.takeWord(), Units.isKnown(word) || Units.isCountable(word) else {
                        return nil
                    }
                    parts.append(Units.canonical(word) + inner.takeUnitPower())
                }
                guard parts.count <= Self.words else { return nil }
                inner.skipSpaces()
            }
            guard let last = parts.popLast() else { return nil }
            return (parts + [last + takeUnitPower()]).joined(separator: " ")
        }
        guard let word = takeWord() else { return nil }
        if before != nil, word.lowercased() == "per" { return "per" }
        let isUnit = Units.isKnown(word) && word.count > 1
        // Behind a slash, or as in °C, a single letter is a unit; anywhere else it is a variable.
        let isSymbol = word.count == 1 && (before == "per" || before == "degree")
        guard isUnit || isSymbol || (!isAttached && Units.isCountable(word)) else { return nil }
        return Units.canonical(word) + takeUnitPower()
    }

    /// The power of a unit, as in cm².
    private mutating func takeUnitPower() -> String {
        for (text, power) in Self.squares where take(text) { return "^\(power)" }
        return ""
    }

    /// Letters.
    private mutating func takeWord() -> String? {
        let start = position
        while isAtLetter { position += 1 }
        return position > start ? text(start..<position) : nil
    }

    /// Steps over a unit that is known as one, behind a number in the middle of a text.
    mutating func skipKnownUnit() {
        var ahead = self
        ahead.skipSpaces()
        if ahead.take(anyOf: Self.degrees) { return self = ahead }
        // Within a sentence, `in` is hardly ever an inch.
        guard let word = ahead.takeWord(), word.count > 1, word != "in", Units.isKnown(word), !ahead.isAtDigit else {
            return
        }
        self = ahead
    }
}
