package import StoaCore

/// Lengths of time as playbooks write them.
package enum PlanDuration {
    /// What a text must look like, for the schema.
    package static let pattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$"

    /// Reads `500ms`, `30s`, `2m`, `1h` or a number of seconds; nil for anything else, and for more than a year.
    package static func parse(_ value: JSONValue) -> Duration? {
        if let seconds = value.doubleValue { return duration(seconds, unit: 1) }
        guard let text = value.stringValue else { return nil }
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let factor = ["ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0][String(text.dropFirst(digits.count))],
            let first = digits.first, first != ".", digits.last != ".", let number = Double(digits)
        else { return nil }
        return duration(number, unit: factor)
    }

    private static func duration(_ number: Double, unit: Double) -> Duration? {
        let nanoseconds = (number * unit * 1e9).rounded()
        guard nanoseconds >= 0, nanoseconds <= 366 * 86400 * 1e9 else { return nil }
        return .nanoseconds(Int64(nanoseconds))
    }
}
