internal import BigInt

extension Rational {
    /// All digits, where the decimal expansion ends within `places` digits behind the point; nil where it does not.
    package func exactDecimal(places: Int) -> String? {
        var rest = denominator
        var (twos, fives) = (0, 0)
        while max(twos, fives) <= places, rest != 1 {
            let (half, odd) = rest.quotientAndRemainder(dividingBy: 2)
            if odd.isZero {
                (rest, twos) = (half, twos + 1)
                continue
            }
            let (fifth, other) = rest.quotientAndRemainder(dividingBy: 5)
            guard other.isZero else { return nil }
            (rest, fives) = (fifth, fives + 1)
        }
        let count = max(twos, fives)
        guard rest == 1, count <= places else { return nil }
        let digits = String(numerator.magnitude * BigUInt(10).power(count) / denominator.magnitude)
        return (isNegative ? "-" : "") + Self.point(digits, places: count)
    }

    /// The decimal expansion, rounded half to even to some significant digits.
    ///
    /// - Parameter digits: significant digits, at least 1.
    /// - Returns: plain digits, or `d.ddde±n` for very large and very small numbers; zeros at the end are left out.
    package func decimal(significant digits: Int) -> String {
        guard !isZero else { return "0" }
        // The value lies between 10^(order - 1) and 10^(order + 1).
        let order = String(numerator.magnitude).count - String(denominator.magnitude).count
        var places = digits - order
        var rounded = roundedMagnitude(places: places)
        if String(rounded).count > digits {
            places -= 1
            rounded = roundedMagnitude(places: places)
        }
        var text = String(rounded)
        var exponent = text.count - 1 - places
        while text.count > 1, text.last == "0" { text.removeLast() }
        // Rounding up may have given one digit more: a one and zeros, which are gone.
        exponent = max(exponent, -places)
        let sign = isNegative ? "-" : ""
        guard (-7...20).contains(exponent) else {
            let tail = text.dropFirst()
            return "\(sign)\(text.prefix(1))\(tail.isEmpty ? "" : ".\(tail)")e\(exponent)"
        }
        if exponent >= text.count - 1 {
            return sign + text + String(repeating: "0", count: exponent - text.count + 1)
        }
        return sign + Self.point(text, places: text.count - 1 - exponent)
    }

    /// The nearest number of double precision; nil where it is too large.
    package var doubleValue: Double? {
        // Twenty digits are more than decide between two neighbours, but for ties that no playbook will ever notice.
        guard let value = Double(decimal(significant: 20)), value.isFinite else { return nil }
        return value
    }

    /// |self| · 10^places, rounded half to even.
    private func roundedMagnitude(places: Int) -> BigUInt {
        let scale = BigUInt(10).power(abs(places))
        let (above, below) =
            places >= 0
            ? (numerator.magnitude * scale, denominator.magnitude)
            : (numerator.magnitude, denominator.magnitude * scale)
        let (quotient, rest) = above.quotientAndRemainder(dividingBy: below)
        let double = rest << 1
        let isUp = double > below || (double == below && quotient.words.first.map { $0 & 1 == 1 } == true)
        return isUp ? quotient + 1 : quotient
    }

    /// Digits with a point before the last `places` of them.
    private static func point(_ digits: String, places: Int) -> String {
        guard places > 0 else { return digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return "\(padded.dropLast(places)).\(padded.suffix(places))"
    }
}
