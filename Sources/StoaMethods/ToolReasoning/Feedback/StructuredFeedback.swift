internal import StoaCore

/// Everything that a programmer would look at, each under its name: what was printed, the last expression's value, the
/// exception with the end of its traceback, the limit that ended it; and that there was nothing, where there was nothing.
///
/// Printing and failing do not hide one another, and a warning is no failure.
struct StructuredFeedback: FeedbackPolicy {
    static let name = "structured"

    /// Lines of a traceback that are shown: the last ones, where it happened.
    private static let tracebackLines = 4

    let longest: Int

    func render(_ outcome: CodeResult, at place: FeedbackPlace) -> String {
        var parts: [String] = []
        func add(_ label: String, _ text: String) {
            let text = FeedbackText.trimmed(text)
            guard !text.isEmpty else { return }
            parts.append(text.contains("\n") ? "[\(label)]\n\(text)" : "[\(label)] \(text)")
        }
        add("stdout", outcome.stdout)
        add(Self.label(ofStderr: outcome), outcome.stderr)
        if let value = outcome.value { add("value", value) }
        if let exception = outcome.exception { add("error", Self.words(exception)) }
        if let limit = outcome.limit { add("limit", Self.words(limit: limit)) }
        add(outcome.isOK ? "note" : outcome.status, place.remark)
        if parts.isEmpty { parts = [outcome.isOK ? "[no output]" : "[\(outcome.status)]"] }
        let body = FeedbackText.shortened(parts.joined(separator: "\n"), to: longest) {
            "\n[... \($0) characters left out ...]\n"
        }
        return "\nCode execution result:\n\(body)\n"
    }

    /// What a call says that never came to run code stands under what became of it.
    private static func label(ofStderr outcome: CodeResult) -> String {
        ["failed", "denied", "interrupted"].contains(outcome.status) ? outcome.status : "stderr"
    }

    private static func words(_ exception: CodeResult.Exception) -> String {
        let last = exception.message.isEmpty ? exception.type : "\(exception.type): \(exception.message)"
        let lines = exception.traceback.split(separator: "\n").map(String.init).filter { $0 != last }
        return (lines.suffix(tracebackLines) + [last]).joined(separator: "\n")
    }

    private static func words(limit: String) -> String {
        switch limit {
        case "wall", "soft_wall": "stopped: it took too long"
        case "cpu": "stopped: it used too much processor time"
        case "memory": "stopped: it used too much memory"
        case "output": "stopped: it printed too much"
        case "files": "stopped: it wrote too much"
        default: "stopped: \(limit)"
        }
    }
}
