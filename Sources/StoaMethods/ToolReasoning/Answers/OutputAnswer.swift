internal import StoaCore

/// What a program comes to: what it gives to `final_answer`, or else the last line that it prints, or else the value of its last
/// expression.
///
/// In words without code, it is the last box.
///
/// Programs are the reasoning here, and running them is the answer: PAL (arXiv:2211.10435), Program of Thoughts
/// (arXiv:2211.12588). A program that fails has no answer, and the model is told.
struct OutputAnswer: AnswerPolicy {
    static let name = "output"

    func answer(inWords words: String) -> FoundAnswer? { BoxedAnswer().answer(inWords: words) }

    func answer(in outcome: CodeResult, behind words: String) -> FoundAnswer? {
        if let answer = FinalAnswer().answer(in: outcome, behind: words) { return answer }
        guard outcome.isOK else { return nil }
        let lines = outcome.stdout.split(whereSeparator: \.isNewline).map { line in
            FeedbackText.trimmed(String(line.drop(while: \.isWhitespace)))
        }
        return (lines.last { !$0.isEmpty } ?? outcome.value).map { FoundAnswer(text: $0) }
    }
}
