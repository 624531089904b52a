internal import StoaCore

/// A box in the model's words, or what its code gives to `final_answer`.
struct EitherAnswer: AnswerPolicy {
    static let name = "both"

    func answer(inWords words: String) -> FoundAnswer? { BoxedAnswer().answer(inWords: words) }

    func answer(in outcome: CodeResult, behind words: String) -> FoundAnswer? {
        FinalAnswer().answer(in: outcome, behind: words)
    }
}
