internal import StoaCore

/// What numbers a quantity can be: a range of one level.
///
///     2..9              whole numbers
///     0.5..9.5 by 0.5   steps of something else
///     1/2..11/12        proper fractions of these denominators, written as decimals
///     $1..20 by 0.25    money
struct NumberRange: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case steps(from: Fraction, by: Fraction, count: Int)
        /// k/n with n of a range, below 1.
        case parts(ClosedRange<Int>)
    }

    let kind: Kind
    /// Whether it is an amount of money.
    let isMoney: Bool

    /// Reads a range; nil for anything else.
    init?(_ text: some StringProtocol) {
        var words = text.split(separator: " ")
        guard var range = words.first else { return nil }
        words.removeFirst()
        isMoney = range.hasPrefix("$")
        if isMoney { range = range.dropFirst() }
        var step = Fraction(1)
        if !words.isEmpty {
            guard words.count == 2, words[0] == "by", let given = Fraction(words[1]), given.isPositive else {
                return nil
            }
            step = given
        }
        let ends = range.split(separator: "..", maxSplits: 1)
        guard ends.count == 2 else { return nil }
        if ends[0].hasPrefix("1/"), ends[1].hasPrefix("1/") {
            guard let low = Int(ends[0].dropFirst(2)), let high = Int(ends[1].dropFirst(2)), 2...high ~= low,
                high <= 100
            else { return nil }
            kind = .parts(low...high)
            return
        }
        guard let low = Fraction(ends[0]), let high = Fraction(ends[1]), low <= high,
            let width = high.subtracting(low)?.divided(by: step),
            let count = Int(exactly: width.numerator / width.denominator)
        else { return nil }
        kind = .steps(from: low, by: step, count: count + 1)
    }

    /// Draws a number.
    func draw(_ chance: inout Chance) -> DrawnNumber? {
        switch kind {
        case .steps(let low, let step, let count):
            let offset = Fraction(chance.integer(below: count))
            guard let value = offset.multiplied(by: step)?.adding(low) else { return nil }
            return DrawnNumber(value, isMoney: isMoney)
        case .parts(let denominators):
            let below = denominators.lowerBound + chance.integer(below: denominators.count)
            let above = 1 + chance.integer(below: below - 1)
            // As programs print such a number: the shortest digits that read back as the same double.
            let digits = "\(Double(above) / Double(below))"
            guard let value = Fraction(digits) else { return nil }
            return DrawnNumber(value: value, digits: digits, isMoney: false, isPart: true)
        }
    }

    /// The greatest of them.
    var upperBound: Fraction {
        switch kind {
        case .steps(let low, let step, let count):
            Fraction(count - 1).multiplied(by: step)?.adding(low) ?? low
        case .parts: Fraction(1)
        }
    }

    /// Whether a number is one of these, up to the end of the range.
    func contains(_ value: Fraction) -> Bool {
        switch kind {
        case .steps(let low, let step, let count):
            guard let offset = value.subtracting(low)?.divided(by: step), offset.isInteger else { return false }
            return 0..<Int128(count) ~= offset.numerator
        case .parts: return value.isPositive && value < Fraction(1)
        }
    }
}

/// A number of a problem, and how it is written.
struct DrawnNumber: Sendable, Hashable {
    var value: Fraction
    /// Its digits, as the text and the program have them.
    var digits: String
    var isMoney = false
    /// Whether it is a part of a whole, whose unit is in the singular: 0.125 inch.
    var isPart = false

    init(value: Fraction, digits: String, isMoney: Bool, isPart: Bool) {
        self.value = value
        self.digits = digits
        self.isMoney = isMoney
        self.isPart = isPart
    }

    /// A number in its shortest digits; money has two behind its point.
    init(_ value: Fraction, isMoney: Bool = false) {
        self.init(
            value: value, digits: value.decimal(places: 20, least: isMoney ? 2 : 0), isMoney: isMoney, isPart: false)
    }
}
