internal import StoaCore

/// Numbers as the live view and the tables write them.
enum LiveText {
    /// A duration: `340 ms`, `1.2 s`, `75 s`, `12 min 5 s`.
    static func seconds(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 9.95 { return "\((seconds * 10).rounded() / 10) s" }
        if seconds < 120 { return "\(Int(seconds.rounded())) s" }
        return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    }

    /// How far a training is: `step 12 of 40, loss 0.532`.
    static func training(_ progress: TrainingProgress) -> String {
        "step \(progress.step) of \(progress.steps), loss \((progress.loss * 1000).rounded() / 1000)"
    }

    /// A number with a space between groups of three digits: `12 345`.
    static func count(_ number: Int) -> String {
        let digits = Array(String(abs(number)))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += " " }
            text.append(digit)
        }
        return text
    }

    /// A rate: `0.8/s`, `62/s`.
    static func rate(_ perSecond: Double) -> String {
        perSecond < 9.95 ? "\((perSecond * 10).rounded() / 10)/s" : "\(Int(perSecond.rounded()))/s"
    }

    /// `1 token`, `2 tokens`.
    static func counted(_ number: Int, _ noun: String) -> String {
        "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// A bar of `width` cells.
    static func bar(_ fraction: Double, width: Int) -> String {
        let full = Int((min(max(fraction, 0), 1) * Double(width)).rounded())
        return String(repeating: "▰", count: full) + String(repeating: "▱", count: width - full)
    }
}
