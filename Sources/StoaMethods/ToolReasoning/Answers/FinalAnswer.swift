internal import StoaCore

/// What the code gives to `final_answer`, on a channel of its own: what it prints has no part in it.
struct FinalAnswer: AnswerPolicy {
    static let name = "final_answer"

    func answer(inWords words: String) -> FoundAnswer? { nil }

    func answer(in outcome: CodeResult, behind words: String) -> FoundAnswer? {
        outcome.answer.map { FoundAnswer(text: $0) }
    }
}
