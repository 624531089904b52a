internal import StoaCore

/// How the numbers were made, so that another can make them again.
struct MethodsSection: Sendable {
    let result: EvaluationResult

    var html: Markup {
        var notes: [Markup] = [
            """
            Answers are compared with the expected ones by the verifier <code>\(result.definition.scoring.verifier)</code>. \
            A failed run and a missing answer count as wrong.
            """
        ]
        if result.stopping != nil {
            notes.append(
                """
                The interval is that of a hedged betting sequence (Waudby-Smith and Ramdas 2024): it holds at every look \
                together, so that stopping early does not bend it. Problems are asked in a shuffled order.
                """)
        } else if result.definition.samples > 1 {
            notes.append(
                """
                The interval is Wilson's with the effective number of tries (Franco et al. 2019), problems taken as \
                clusters; pass@k and majority@k are exact over all subsets of the tries, their intervals bootstrapped (BCa) \
                over problems.
                """)
        } else {
            notes.append("Intervals are Wilson's score intervals at 95 %.")
        }
        if result.calibration != nil {
            notes.append(
                result.confidenceSource == "agreement"
                    ? "Confidence is the share of a problem's tries that agree with their vote."
                    : "Confidence is what the runs say of themselves.")
        }
        notes.append(
            """
            Seed \(String(result.definition.seed)). This page again: <code>stoa eval --resume \(result.id.rawValue) \
            --report DIR</code>
            """)
        return "<footer>\(Markup(notes.map { "<p>\($0)</p>" }))</footer>"
    }
}
