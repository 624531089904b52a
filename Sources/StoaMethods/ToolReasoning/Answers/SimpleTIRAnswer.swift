internal import StoaCore

/// As SimpleTIR's code decides, for comparisons with it: any box ends the loop.
///
/// One in the words ends it also in front of code, which is then run all the same; so does one that the code prints, and
/// `final_answer` prints one.
///
/// Source: arXiv:2509.02479, the authors' code.
struct SimpleTIRAnswer: AnswerPolicy {
    static let name = "simpletir"

    /// What Python writes with.
    private static let function = "print"

    var prelude: String {
        """
        def final_answer(result):
            \(Self.function)(f"\\\\boxed{{{result}}}")


        """
    }

    func answer(inWords words: String) -> FoundAnswer? { found(in: words, or: "") }

    func answer(in outcome: CodeResult, behind words: String) -> FoundAnswer? { found(in: outcome.stdout, or: words) }

    private func found(in last: String, or first: String) -> FoundAnswer? {
        guard last.contains(Boxes.opening) || first.contains(Boxes.opening) else { return nil }
        return FoundAnswer(text: Boxes.last(in: last) ?? Boxes.last(in: first))
    }
}
