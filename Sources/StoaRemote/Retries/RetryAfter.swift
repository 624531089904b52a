internal import NIOHTTP1
internal import StoaCore

/// How long a server asks to wait: `Retry-After` in seconds or as a date, or `retry-after-ms`.
enum RetryAfter {
    /// The longest pause that is told apart from longer ones.
    private static let longest = Duration.seconds(86_400)

    /// Reads the headers of an answer.
    ///
    /// - Parameters:
    ///   - headers: the answer's headers.
    ///   - now: the time of day, for dates.
    /// - Returns: the pause, from zero to a day; nil where the server asks for none that can be read.
    static func pause(_ headers: HTTPHeaders, now: WallTime) -> Duration? {
        if let text = headers.first(name: "retry-after-ms"), let milliseconds = Double(text) {
            return bounded(milliseconds / 1000)
        }
        guard let text = headers.first(name: "Retry-After") else { return nil }
        if let seconds = Double(text) { return bounded(seconds) }
        guard let date = secondsSinceEpoch(text) else { return nil }
        return bounded(Double(date) - Double(now.nanosecondsSinceEpoch) / 1e9)
    }

    private static func bounded(_ seconds: Double) -> Duration? {
        seconds.isNaN ? nil : min(.seconds(min(max(seconds, 0), 1e6)), longest)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads the preferred form of RFC 9110 §5.6.7, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func secondsSinceEpoch(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", let day = Int(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int(words[3]), (1970...9999).contains(year)
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard clock.count == 3, (1...31).contains(day), (0...23).contains(clock[0]), (0...59).contains(clock[1]),
            (0...60).contains(clock[2])
        else { return nil }
        // Years are counted from March, so that the leap day is the last one.
        let (shifted, fromMarch) = month < 2 ? (year - 1, month + 10) : (year, month - 2)
        let days =
            365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * fromMarch + 2) / 5 + day - 1 - 719_468
        return days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }
}
