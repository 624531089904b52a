internal import StoaCore
internal import StoaEvaluation

/// Rounds as lines of a table whose columns are known beforehand, since each is written as soon as it is over.
enum EvolutionTable {
    private static let barWidth = 24

    /// The names of the columns.
    static let header = StyledText(
        "ROUND  PROBLEMS  " + padded("MASTERED · LEARNING · TOO HARD", 36) + "  LEVEL    LOSS  HELD OUT", .dim)

    /// A round's line.
    ///
    /// - Parameter round: the value of the playbook's report; members that are missing are dashes.
    /// - Returns: the line.
    static func row(_ round: JSONValue) -> StyledText {
        let zones = ["mastered", "learning", "too_hard"].map { round["zones"]?[$0]?.intValue ?? 0 }
        var line: StyledText = ""
        line += StyledText(trailing(text(round["round"]?.intValue), 5), .bold)
        line += StyledText("  " + trailing(text(round["problems"]?.intValue), 8) + "  ")
        for (count, style) in zip(widths(zones), [StyledText.Style.green, .yellow, .red]) {
            line += StyledText(String(repeating: "■", count: count), style)
        }
        let counts = zones.map(String.init).joined(separator: "·")
        line += StyledText(padded(" " + counts, 36 - (zones.reduce(0, +) > 0 ? barWidth : 0)))
        line += StyledText("  " + trailing(number(round["level"], places: 1), 5))
        line += StyledText("  " + trailing(number(round["loss"], places: 3), 6) + "  ")
        line += accuracy(round)
        if round["rolled_back"] == true { line += StyledText("  rolled back", .yellow) }
        return line
    }

    /// `62.1 % [57.2, 66.8]`.
    static func accuracy(_ round: JSONValue) -> StyledText {
        guard let share = round["heldout_accuracy"]?.doubleValue else { return StyledText("–", .dim) }
        var text = StyledText(NumberText.percent(share), .bold)
        let bounds = (round["ci95"]?.arrayValue ?? []).compactMap(\.doubleValue).map {
            NumberText.decimal($0 * 100, places: 1)
        }
        if bounds.count == 2 {
            text += StyledText(" [\(bounds[0]), \(bounds[1])]", .dim)
        }
        return text
    }

    /// How many cells each count has of the bar.
    static func widths(_ counts: [Int]) -> [Int] {
        let total = counts.reduce(0, +)
        guard total > 0 else { return counts.map { _ in 0 } }
        // The ends of the parts are rounded, so that together they are the bar.
        var sum = 0
        var start = 0
        return counts.map { count in
            sum += count
            let end = (sum * barWidth + total / 2) / total
            defer { start = end }
            return end - start
        }
    }

    private static func text(_ number: Int?) -> String { number.map { LiveText.count($0) } ?? "–" }

    private static func number(_ value: JSONValue?, places: Int) -> String {
        value?.doubleValue.map { NumberText.decimal($0, places: places) } ?? "–"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func trailing(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
