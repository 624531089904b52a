/// A point on the civil time line, in whole nanoseconds since 1970-01-01T00:00:00Z, leap seconds left out.
public struct WallTime: Sendable, Hashable, Comparable, Codable {
    /// Nanoseconds since the epoch; the range reaches from 1677 to 2262.
    public let nanosecondsSinceEpoch: Int64

    /// Creates a point in time.
    ///
    /// - Parameter nanosecondsSinceEpoch: nanoseconds since 1970-01-01T00:00:00Z.
    public init(nanosecondsSinceEpoch: Int64) { self.nanosecondsSinceEpoch = nanosecondsSinceEpoch }

    /// Decodes the bare number of nanoseconds.
    ///
    /// - Parameter decoder: the decoder.
    /// - Throws: `DecodingError` where the form is not met.
    public init(from decoder: any Decoder) throws {
        nanosecondsSinceEpoch = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Encodes the bare number of nanoseconds.
    ///
    /// - Parameter encoder: the encoder.
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanosecondsSinceEpoch)
    }

    /// Whether the first point lies before the second.
    public static func < (first: WallTime, second: WallTime) -> Bool {
        first.nanosecondsSinceEpoch < second.nanosecondsSinceEpoch
    }
}

extension WallTime: CustomStringConvertible {
    /// The point in RFC 3339 form, in UTC with milliseconds: `2026-03-01T12:00:00.000Z`.
    public var description: String {
        let milliseconds = Self.floorDivide(nanosecondsSinceEpoch, by: 1_000_000)
        let (days, ofDay) = (Self.floorDivide(milliseconds, by: 86_400_000), Self.modulo(milliseconds, 86_400_000))
        let (year, month, day) = Self.civilDate(daysSinceEpoch: days)
        let (hour, minute) = (ofDay / 3_600_000, ofDay / 60_000 % 60)
        let (second, fraction) = (ofDay / 1000 % 60, ofDay % 1000)
        return "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))"
            + "T\(Self.pad(hour, 2)):\(Self.pad(minute, 2)):\(Self.pad(second, 2)).\(Self.pad(fraction, 3))Z"
    }

    /// The date in the Gregorian calendar of a day counted from 1970-01-01.
    ///
    /// Years are counted from March, so that the leap day is the last one; 400 years have 146,097 days.
    private static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let era = floorDivide(shifted, by: 146_097)
        let dayOfEra = modulo(shifted, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        value / divisor - (value % divisor < 0 ? 1 : 0)
    }

    private static func modulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
