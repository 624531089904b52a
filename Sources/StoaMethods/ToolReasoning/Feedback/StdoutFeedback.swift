internal import StoaCore

/// What was printed and no more; the last expression's value where nothing was, the error where there was one.
struct StdoutFeedback: FeedbackPolicy {
    static let name = "stdout"

    let longest: Int

    func render(_ outcome: CodeResult, at place: FeedbackPlace) -> String {
        var parts = [outcome.stdout.isEmpty ? outcome.value ?? "" : outcome.stdout]
        if let exception = outcome.exception {
            parts.append(exception.message.isEmpty ? exception.type : "\(exception.type): \(exception.message)")
        } else if !outcome.isOK {
            parts.append(outcome.stderr.isEmpty ? outcome.limit ?? outcome.status : outcome.stderr)
        }
        let text = parts.map(FeedbackText.trimmed).filter { !$0.isEmpty }.joined(separator: "\n")
        guard !text.isEmpty else { return "" }
        return "\n" + FeedbackText.shortened(text, to: longest) { "\n[... \($0) characters left out ...]\n" } + "\n"
    }
}
