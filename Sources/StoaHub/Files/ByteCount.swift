/// Sizes for people.
package enum ByteCount {
    /// A number of bytes: `98.4 MB`.
    package static func text(_ bytes: Int64) -> String {
        let text = scaled(bytes, units: ["kB", "MB", "GB", "TB", "PB", "EB"], space: " ")
        return bytes < 1000 ? text + " B" : text
    }

    /// A count of things: `134M`.
    package static func scaled(_ count: Int64) -> String {
        scaled(count, units: ["k", "M", "B", "T", "P", "E"], space: "")
    }

    /// Three significant digits at most, in powers of a thousand.
    private static func scaled(_ count: Int64, units: [String], space: String) -> String {
        guard count >= 1000 else { return "\(count)" }
        var value = Double(count) / 1000
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        if value >= 99.95 { return "\(Int(value.rounded()))\(space)\(units[unit])" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)\(space)\(units[unit])"
    }
}
