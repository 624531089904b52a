internal import OrderedCollections
internal import StoaCore
internal import StoaEvaluation
internal import StoaCore

/// Evaluations and comparisons as tables for people.
enum EvaluationTable {
    /// An evaluation.
    static func text(of result: EvaluationResult) -> StyledText {
        var table = TextTable(.leading, .trailing, .leading)
        func row(_ name: String, _ value: String, _ note: String = "") {
            table.add(StyledText(name, .dim), StyledText(value, .bold), StyledText(note, .dim))
        }
        row("right", NumberText.percent(result.accuracy), "95 % interval \(NumberText.percent(result.interval))")
        if result.definition.samples > 1 {
            let count = result.passAtK.count
            row("pass@\(count)", NumberText.percent(result.passAtK.last ?? 0), note(result.passInterval))
            row("majority@\(count)", NumberText.percent(result.majorityAtK.last ?? 0), note(result.majorityInterval))
        }
        row("answers", "\(result.correct) of \(result.items.count)", counts(result))
        let usage = result.usage.logical
        row("tokens", per(result, Double(usage.total), NumberText.amount), "per right answer")
        if usage.latentSteps > 0 {
            row("latent steps", per(result, Double(usage.latentSteps), NumberText.amount), "per right answer")
        }
        row(
            "time", per(result, result.seconds, NumberText.seconds),
            "per right answer; \(NumberText.seconds(result.seconds)) together")
        if let calibration = result.calibration {
            row(
                "calibration", NumberText.decimal(calibration.expectedError, places: 3),
                "expected error; Brier score \(NumberText.decimal(calibration.brier, places: 3))")
        }
        for (name, rate) in result.errorRates?.rows ?? [] {
            row(
                name, rate.share.map { NumberText.percent($0) } ?? "–",
                "\(rate.count) of \(rate.trials); 95 % interval \(NumberText.percent(rate.interval()))")
        }
        var text = table.text
        for stratum in result.strata { text += "\n\n" + self.text(of: stratum) }
        return text + StyledText("\n\nevaluation \(result.id)", .dim)
    }

    private static func note(_ interval: ConfidenceInterval?) -> String {
        interval.map { "95 % interval \(NumberText.percent($0))" } ?? ""
    }

    private static func counts(_ result: EvaluationResult) -> String {
        var parts = ["right"]
        if result.unanswered > 0 { parts.append("\(result.unanswered) without an answer") }
        if result.failed > 0 { parts.append("\(result.failed) failed") }
        return parts.joined(separator: ", ")
    }

    private static func per(_ result: EvaluationResult, _ amount: Double, _ text: (Double) -> String) -> String {
        result.perCorrect(amount).map(text) ?? "–"
    }

    private static func text(of stratum: StratumTable) -> StyledText {
        var table = TextTable(.leading, .trailing, .trailing, .trailing)
        table.add(
            StyledText(stratum.field.uppercased(), .dim), StyledText("PROBLEMS", .dim), StyledText("RIGHT", .dim),
            StyledText("95 % INTERVAL", .dim))
        for row in stratum.rows {
            table.add(
                StyledText(row.value), StyledText("\(row.problems)"), StyledText(NumberText.percent(row.accuracy)),
                StyledText(NumberText.percent(row.interval), .dim))
        }
        return table.text
    }

    /// A comparison.
    static func text(of comparison: EvaluationComparison) -> StyledText {
        var table = TextTable(.leading, .leading, .trailing, .trailing, .trailing)
        table.add(
            StyledText("EVALUATION", .dim), StyledText("PLAYBOOK", .dim), StyledText("RIGHT", .dim),
            StyledText("95 % INTERVAL", .dim), StyledText("TOKENS PER PROBLEM", .dim))
        for result in [comparison.first, comparison.second] {
            let tokens = Double(result.usage.total) / Double(max(result.problems, 1))
            table.add(
                StyledText(result.id.rawValue, .bold), StyledText(result.definition.name),
                StyledText(NumberText.percent(result.accuracy)), StyledText(NumberText.percent(result.interval), .dim),
                StyledText(NumberText.amount(tokens)))
        }
        let difference = comparison.difference
        let sign = difference > 0 ? "+" : ""
        var text = table.text + "\n\n"
        text += StyledText("\(sign)\(NumberText.percent(difference))", comparison.isSignificant ? .green : .bold)
        text += ", 95 % interval \(NumberText.percent(comparison.interval)), McNemar p "
        let p = NumberText.probability(comparison.test.exact)
        text += StyledText(p.hasPrefix("<") ? p : "= \(p)")
        text += StyledText(
            "\n\(comparison.count) problems in both: the second gets \(comparison.gained.count) right that the first does "
                + "not, and misses \(comparison.lost.count)", .dim)
        if comparison.unpaired > 0 { text += StyledText("; \(comparison.unpaired) are in one only", .dim) }
        text +=
            comparison.isSignificant
            ? StyledText("\nMore than chance explains (p < 0.05).")
            : StyledText("\nChance alone explains as much.", .dim)
        return text
    }
}
