/// The date and time a rendering is told it is, so that it never looks at a clock.
public struct TemplateDate: Sendable, Hashable {
    /// The year.
    public var year: Int
    /// The month, 1 to 12.
    public var month: Int
    /// The day of the month, from 1.
    public var day: Int
    /// The hour, 0 to 23.
    public var hour: Int
    /// The minute.
    public var minute: Int
    /// The second.
    public var second: Int

    /// Creates a date.
    ///
    /// - Parameters:
    ///   - year: the year, from 1.
    ///   - month: the month, 1 to 12.
    ///   - day: the day of the month, from 1.
    ///   - hour: the hour, 0 to 23.
    ///   - minute: the minute.
    ///   - second: the second.
    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = year
        self.month = min(max(month, 1), 12)
        self.day = min(max(day, 1), 31)
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// The days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
    /// algorithms").
    private var daysSinceEpoch: Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day of the week, 0 for Sunday.
    private var weekday: Int { ((daysSinceEpoch + 4) % 7 + 7) % 7 }

    /// The day of the year, from 1.
    private var dayOfYear: Int {
        daysSinceEpoch - TemplateDate(year: year, month: 1, day: 1).daysSinceEpoch + 1
    }

    /// The text that C's `strftime` makes in the C locale; conversions it does not know stand for themselves.
    package func formatted(_ format: String) -> String {
        var result = ""
        var iterator = format.unicodeScalars.makeIterator()
        while let scalar = iterator.next() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            guard var conversion = iterator.next() else {
                result += "%"
                break
            }
            let isUnpadded = conversion == "-"
            if isUnpadded {
                guard let next = iterator.next() else {
                    result += "%-"
                    break
                }
                conversion = next
            }
            result += text(of: conversion, isUnpadded: isUnpadded)
        }
        return result
    }

    private func text(of conversion: Unicode.Scalar, isUnpadded: Bool) -> String {
        func padded(_ value: Int, _ width: Int = 2, _ fill: Character = "0") -> String {
            let digits = String(value)
            return isUnpadded ? digits : String(repeating: fill, count: max(0, width - digits.count)) + digits
        }
        let month = Self.months[self.month - 1]
        let weekday = Self.weekdays[self.weekday]
        let hour12 = hour % 12 == 0 ? 12 : hour % 12
        switch conversion {
        case "Y": return String(year)
        case "y": return padded(year % 100)
        case "C": return padded(year / 100)
        case "m": return padded(self.month)
        case "d": return padded(day)
        case "e": return padded(day, 2, " ")
        case "H": return padded(hour)
        case "I": return padded(hour12)
        case "M": return padded(minute)
        case "S": return padded(second)
        case "f": return "000000"
        case "j": return padded(dayOfYear, 3)
        case "p": return hour < 12 ? "AM" : "PM"
        case "B": return month
        case "b", "h": return String(month.prefix(3))
        case "A": return weekday
        case "a": return String(weekday.prefix(3))
        case "w": return String(self.weekday)
        case "u": return String(self.weekday == 0 ? 7 : self.weekday)
        case "F": return formatted("%Y-%m-%d")
        case "T", "X": return formatted("%H:%M:%S")
        case "R": return formatted("%H:%M")
        case "D", "x": return formatted("%m/%d/%y")
        case "c": return formatted("%a %b %e %H:%M:%S %Y")
        case "n": return "\n"
        case "t": return "\t"
        case "z", "Z": return ""
        case "%": return "%"
        default: return "%" + String(conversion)
        }
    }
}
