internal import StoaCore

/// As SimpleTIR's code tells it: what was printed, or else the last line of what was printed as errors; nothing where neither
/// says anything, so that the model gets no sign that its code ran.
///
/// An exception's last line counts as the last line of errors, as it is where Python prints it; time that ran out is the word
/// `Timeout`, and hides what was printed. Source: arXiv:2509.02479, the authors' code.
struct SimpleTIRFeedback: FeedbackPolicy {
    static let name = "simpletir"

    /// The most characters; playbooks cannot change it.
    private static let longest = 512

    init(longest: Int) {}

    func render(_ outcome: CodeResult, at place: FeedbackPlace) -> String {
        let errors = Self.errors(outcome)
        let text = errors.isEmpty ? outcome.stdout : Self.lastLine(errors)
        guard !text.isEmpty else { return "" }
        // In the turn before the last one the reference adds a line.
        let isLastToBeRead = place.turn == place.turns - 1
        let shown = FeedbackText.shortened(text, to: Self.longest) { _ in
            "\n..._This content has been truncated to stay below \(Self.longest) characters_...\n"
        }
        return "\nCode execution result: \(shown)\n" + (isLastToBeRead ? "\n" : "")
    }

    private static func errors(_ outcome: CodeResult) -> String {
        if outcome.status == "timeout" { return "Timeout" }
        guard let exception = outcome.exception else { return outcome.stderr }
        return exception.message.isEmpty ? exception.type : "\(exception.type): \(exception.message)"
    }

    private static func lastLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }.map(String.init) ?? text
    }
}
