internal import StoaCore

/// Writes the grammar of the numbers between two bounds.
///
/// A number is a plain decimal without superfluous zeros before it: whole ones have at most fifteen digits, others at most
/// six behind the point, and more of either where the bounds need them. Only a number without bounds may have an exponent.
struct DecimalRange {
    /// Digits that any double keeps apart.
    private static let safeDigits = 15
    private static let digit = GrammarPattern.byte(UInt8(ascii: "0"), UInt8(ascii: "9"))

    /// Digits behind the point at most.
    private let places: Int
    /// Ten to the places.
    private let scale: Int128

    /// The pattern of the numbers that keep to some rules.
    ///
    /// - Parameters:
    ///   - rules: the bounds.
    ///   - isWhole: whether there is nothing behind the point.
    ///   - path: where the rules stand.
    /// - Returns: the pattern.
    /// - Throws: `ConstraintError` for rules that a grammar can't say.
    static func pattern(
        _ rules: JSONSchema.NumberRules, isWhole: Bool, at path: JSONPath
    ) throws(ConstraintError) -> GrammarPattern {
        if !isWhole, rules == JSONSchema.NumberRules() { return free }
        var (isWhole, step, exact): (Bool, Int128?, Int?) = (isWhole, nil, nil)
        if let divisor = rules.multipleOf {
            if case .integer(let value) = divisor {
                (isWhole, step) = (true, value == 1 ? nil : Int128(value))
            } else {
                let parts = try decimal(divisor, at: path["multipleOf"])
                guard parts.digits == 1, parts.exponent < 0 else {
                    throw ConstraintError.schema(
                        path["multipleOf"],
                        "a grammar says whole numbers and 0.1, 0.01 and so on, not \(divisor.value.text)")
                }
                // A whole number is a multiple of each of them.
                exact = isWhole ? nil : -parts.exponent
            }
        }
        let bounds = try [rules.minimum, rules.exclusiveMinimum, rules.maximum, rules.exclusiveMaximum].map {
            (bound: JSONNumber?) throws(ConstraintError) in
            guard let bound else { return nil as Decimal? }
            return try decimal(bound, at: path)
        }
        let isExclusive = bounds[1] != nil || bounds[3] != nil
        let whole = bounds.compactMap { $0?.wholeDigits }.max() ?? 9
        let fraction = bounds.compactMap { $0.map { max(0, -$0.exponent) } }.max() ?? 0
        let wanted = max(min(6, safeDigits - min(safeDigits, whole)), fraction + (isExclusive ? 1 : 0))
        let places = isWhole ? 0 : exact ?? wanted
        guard whole + places <= (isExclusive && !isWhole ? safeDigits : 30) else {
            throw ConstraintError.schema(path, "bounds of more digits than a number keeps")
        }
        let range = DecimalRange(places: places)
        let low = [bounds[0].map { range.scaled($0, up: true) }, bounds[1].map { range.scaled($0, up: false) + 1 }]
            .compactMap(\.self).max()
        let high = [bounds[2].map { range.scaled($0, up: false) }, bounds[3].map { range.scaled($0, up: true) - 1 }]
            .compactMap(\.self).min()
        let far = power(isWhole ? 15 : 9) * range.scale - 1
        let from = low ?? min(-far, (high ?? 0) * 2)
        let to = high ?? max(far, (low ?? 0) * 2)
        guard let step else { return range.pattern(from: from, to: to) }
        return try multiples(of: step, from: from, to: to, at: path)
    }

    /// Any number.
    private static let free: GrammarPattern = {
        let lead = GrammarPattern.byte(UInt8(ascii: "1"), UInt8(ascii: "9"))
        let sign = GrammarPattern.choice([.empty, .text("+"), .text("-")])
        return .sequence([
            .optional(.text("-")), .choice([.text("0"), .sequence([lead, .loop(digit, least: 0, most: 14)])]),
            .optional(.sequence([.text("."), .loop(digit, least: 1, most: 12)])),
            .optional(.sequence([.text("e"), sign, lead, .optional(digit)])),
        ])
    }()

    private static func multiples(
        of step: Int128, from: Int128, to: Int128, at path: JSONPath
    ) throws(ConstraintError) -> GrammarPattern {
        let first = from >= 0 ? (from + step - 1) / step : -(-from / step)
        let last = to >= 0 ? to / step : -((-to + step - 1) / step)
        guard last - first < 4096 else {
            throw ConstraintError.schema(
                path["multipleOf"], "a grammar can't say multiples of \(step) but between close bounds")
        }
        guard first <= last else { return .nothing }
        return .choice((first...last).map { .text("\($0 * step)") })
    }

    // MARK: - Bounds

    /// Digits times a power of ten.
    private struct Decimal {
        var isNegative: Bool
        var digits: Int128
        var exponent: Int
        /// Digits before the point.
        var wholeDigits: Int { max(1, "\(digits)".utf8.count + exponent) }
    }

    private static func decimal(_ number: JSONNumber, at path: JSONPath) throws(ConstraintError) -> Decimal {
        let text: String
        switch number {
        case .integer(let value): text = "\(value)"
        case .double(let value): text = "\(value)"
        }
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: "e", omittingEmptySubsequences: false)
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var fraction = mantissa.count > 1 ? mantissa[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        let exponent = (parts.count > 1 ? Int(parts[1]) ?? 99 : 0) - fraction.count
        guard let digits = Int128(mantissa[0] + fraction), abs(exponent) <= 24 else {
            throw ConstraintError.schema(path, "a grammar can't say the bound \(number.value.text)")
        }
        return Decimal(isNegative: isNegative, digits: digits, exponent: exponent)
    }

    private static func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }

    private init(places: Int) {
        self.places = places
        scale = Self.power(places)
    }

    /// A bound times the scale, rounded where it has more places.
    private func scaled(_ bound: Decimal, up: Bool) -> Int128 {
        let exponent = bound.exponent + places
        let sign: Int128 = bound.isNegative ? -1 : 1
        guard exponent < 0 else { return sign * bound.digits * Self.power(exponent) }
        let divisor = Self.power(-exponent)
        let magnitude = bound.digits / divisor
        guard bound.digits % divisor != 0 else { return sign * magnitude }
        return bound.isNegative ? -(up ? magnitude : magnitude + 1) : (up ? magnitude + 1 : magnitude)
    }

    // MARK: - Patterns

    private func pattern(from: Int128, to: Int128) -> GrammarPattern {
        var parts: [GrammarPattern] = []
        if to >= max(0, from) { parts.append(natural(max(0, from), to)) }
        // There is no -0.
        if from < 0, from <= to { parts.append(.sequence([.text("-"), natural(max(1, -to), -from)])) }
        return .choice(parts)
    }

    /// The numbers between two that are not negative, both times the scale.
    private func natural(_ from: Int128, _ to: Int128) -> GrammarPattern {
        guard from <= to else { return .nothing }
        let (low, high) = (from.quotientAndRemainder(dividingBy: scale), to.quotientAndRemainder(dividingBy: scale))
        func both(_ whole: GrammarPattern, _ from: Int128, _ to: Int128) -> GrammarPattern {
            places == 0 ? whole : .sequence([whole, fraction(from, to)])
        }
        func exactly(_ whole: Int128) -> GrammarPattern { .text("\(whole)") }
        if low.quotient == high.quotient { return both(exactly(low.quotient), low.remainder, high.remainder) }
        var parts: [GrammarPattern] = []
        var (first, last) = (low.quotient, high.quotient)
        if low.remainder > 0 {
            parts.append(both(exactly(first), low.remainder, scale - 1))
            first += 1
        }
        if high.remainder < scale - 1 {
            parts.append(both(exactly(last), 0, high.remainder))
            last -= 1
        }
        if first <= last { parts.append(both(.choice(Self.whole(first, last)), 0, scale - 1)) }
        return .choice(parts)
    }

    /// The whole numbers between two, by their number of digits.
    private static func whole(_ from: Int128, _ to: Int128) -> [GrammarPattern] {
        ("\(from)".utf8.count..."\("\(to)")".utf8.count).map { count in
            let low = max(from, count == 1 ? 0 : power(count - 1))
            let high = min(to, power(count) - 1)
            return between(Array("\(low)".utf8)[...], Array("\(high)".utf8)[...])
        }
    }

    /// The strings of digits between two of one length.
    private static func between(_ low: ArraySlice<UInt8>, _ high: ArraySlice<UInt8>) -> GrammarPattern {
        guard let first = low.first, let last = high.first else { return .empty }
        let (zero, nine) = (UInt8(ascii: "0"), UInt8(ascii: "9"))
        let (lows, highs) = (low.dropFirst(), high.dropFirst())
        if lows.isEmpty { return .byte(first, last) }
        let rest = GrammarPattern.loop(digit, least: lows.count, most: lows.count)
        let isOpen = (lows.allSatisfy { $0 == zero }, highs.allSatisfy { $0 == nine })
        if first == last {
            return .sequence([.byte(first, first), isOpen == (true, true) ? rest : between(lows, highs)])
        }
        let nines = Array(repeating: nine, count: lows.count)[...]
        let zeros = Array(repeating: zero, count: lows.count)[...]
        var parts: [GrammarPattern] = []
        var (from, to) = (first, last)
        if !isOpen.0 {
            parts.append(.sequence([.byte(first, first), between(lows, nines)]))
            from += 1
        }
        if !isOpen.1 {
            parts.append(.sequence([.byte(last, last), between(zeros, highs)]))
            to -= 1
        }
        if from <= to { parts.append(.sequence([.byte(from, to), rest])) }
        return .choice(parts)
    }

    /// What stands behind the whole part for a fraction between two, both times the scale.
    private func fraction(_ from: Int128, _ to: Int128) -> GrammarPattern {
        func padded(_ value: Int128) -> ArraySlice<UInt8> {
            let digits = Array("\(value)".utf8)
            return (Array(repeating: UInt8(ascii: "0"), count: places - digits.count) + digits)[...]
        }
        let digits = GrammarPattern.sequence([
            .text("."), places(padded(from), padded(to), tightLow: true, tightHigh: true),
        ])
        return from == 0 ? .optional(digits) : digits
    }

    /// At least one digit, then as many as are wanted; those left out are zeros.
    private func places(
        _ low: ArraySlice<UInt8>, _ high: ArraySlice<UInt8>, tightLow: Bool, tightHigh: Bool
    ) -> GrammarPattern {
        let (zero, nine) = (UInt8(ascii: "0"), UInt8(ascii: "9"))
        let count = tightLow ? low.count : high.count
        guard tightLow || tightHigh else { return .loop(Self.digit, least: 1, most: count) }
        let first = tightLow ? low.first ?? zero : zero
        let last = tightHigh ? high.first ?? nine : nine
        guard first <= last else { return .nothing }
        let (lows, highs) = (low.dropFirst(), high.dropFirst())
        func then(_ from: UInt8, _ to: UInt8, _ isLow: Bool, _ isHigh: Bool) -> GrammarPattern {
            guard count > 1 else { return .byte(from, to) }
            let more =
                isLow || isHigh
                ? places(lows, highs, tightLow: isLow, tightHigh: isHigh) : .loop(Self.digit, least: 1, most: count - 1)
            let mayEnd = !isLow || lows.allSatisfy { $0 == zero }
            return .sequence([.byte(from, to), mayEnd ? .optional(more) : more])
        }
        if first == last { return then(first, last, tightLow, tightHigh) }
        var parts: [GrammarPattern] = []
        var (from, to) = (first, last)
        if tightLow {
            parts.append(then(first, first, true, false))
            from += 1
        }
        if tightHigh {
            parts.append(then(last, last, false, true))
            to -= 1
        }
        if from <= to { parts.append(then(from, to, false, false)) }
        return .choice(parts)
    }
}
