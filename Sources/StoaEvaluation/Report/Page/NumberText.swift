/// Numbers as the report and tables write them.
package enum NumberText {
    /// A number with so many places behind the point.
    ///
    /// - Parameters:
    ///   - number: any number; one that is not finite becomes a dash.
    ///   - places: 0 to 9.
    ///   - trims: whether zeros at the end are left out.
    /// - Returns: the digits.
    package static func decimal(_ number: Double, places: Int, trims: Bool = false) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (number.magnitude * scale).rounded()
        guard scaled.isFinite, scaled < 9e15 else { return "–" }
        let value = Int(scaled)
        let whole = value / Int(scale)
        var fraction = String(value % Int(scale))
        fraction = places == 0 ? "" : String(repeating: "0", count: places - fraction.count) + fraction
        if trims { while fraction.last == "0" { fraction.removeLast() } }
        let sign = number < 0 && value > 0 ? "−" : ""
        return sign.replacing("−", with: trims ? "-" : "−") + String(whole) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// A share of one as a percentage: `41.5 %`.
    package static func percent(_ share: Double, places: Int = 1) -> String {
        decimal(share * 100, places: places) + " %"
    }

    /// A count with a thin space between groups of three digits.
    package static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{2009}" }
            text.append(digit)
        }
        return text
    }

    /// An amount in as few characters as say it: `0.34`, `2.5`, `340`, `12 k`, `1.2 M`.
    package static func amount(_ number: Double) -> String {
        switch number.magnitude {
        case 0: "0"
        case ..<1: decimal(number, places: 2)
        case ..<9.95: decimal(number, places: 1)
        case ..<9999.5: count(Int(number.rounded()))
        case ..<99_950: decimal(number / 1000, places: 1) + "\u{2009}k"
        case ..<999_500: decimal(number / 1000, places: 0) + "\u{2009}k"
        default: decimal(number / 1_000_000, places: 1) + "\u{2009}M"
        }
    }

    /// A length of time: `0.34 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
    package static func seconds(_ seconds: Double) -> String {
        if seconds < 9.95 { return decimal(seconds, places: seconds < 0.995 ? 2 : 1) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 120 { return "\(whole) s" }
        if whole < 7200 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// A p-value: `0.032`, `< 0.001`.
    package static func probability(_ p: Double) -> String { p < 0.001 ? "< 0.001" : decimal(p, places: 3) }

    /// An interval of shares: `34.9–48.4 %`.
    package static func percent(_ interval: ConfidenceInterval) -> String {
        "\(decimal(interval.lower * 100, places: 1))–\(decimal(interval.upper * 100, places: 1)) %"
    }
}
