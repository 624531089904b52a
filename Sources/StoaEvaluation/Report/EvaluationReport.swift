internal import OrderedCollections
public import StoaCore

/// An evaluation as one page: it needs no network and no other file, and nothing in it can run but its own few lines of
/// script, whose digest the page's policy names.
public struct EvaluationReport: Sendable {
    /// The most conversations that a page holds; those of wrong answers come first.
    public static let mostConversations = 2000

    private let result: EvaluationResult
    private let others: [EvaluationResult]
    private let conversations: [RunID: Conversation]

    /// Puts a report together.
    ///
    /// - Parameters:
    ///   - result: the evaluation.
    ///   - others: evaluations to show beside it in the plot of cost and accuracy.
    ///   - conversations: what was said in its runs; a run that is missing is only named.
    public init(
        _ result: EvaluationResult, beside others: [EvaluationResult] = [], conversations: [RunID: Conversation] = [:]
    ) {
        self.result = result
        self.others = others
        self.conversations = conversations
    }

    /// The runs whose conversations a page should hold.
    public static func runs(of result: EvaluationResult) -> [RunID] {
        let ordered = result.items.filter { !$0.isCorrect } + result.items.filter(\.isCorrect)
        return Array(ordered.map(\.run).prefix(mostConversations))
    }

    /// The page, as HTML.
    public var html: String {
        let name = result.definition.name
        return """
            <!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport \
            content="width=device-width,initial-scale=1"><meta name=color-scheme content="light dark"><meta \
            http-equiv=Content-Security-Policy content="default-src 'none'; style-src 'unsafe-inline'; script-src \
            'sha256-\(ReportScript.digest)'; img-src data:"><title>\(Markup(escaping: name).text) – evaluation</title>\
            <style>\(ReportStyle.css)</style></head><body><main>\(body.text)</main><script>\(ReportScript.source)</script>\
            </body></html>

            """
    }

    private var body: Markup {
        header + SummarySection(result: result).html + plots + StrataSection(tables: result.strata).html
            + ItemsSection(result: result, conversations: conversations).html + MethodsSection(result: result).html
    }

    private var header: Markup {
        let definition = result.definition
        var facts: [Markup] = [
            "\(NumberText.count(result.problems)) problems of <code>\(Self.file(definition.data))</code>"
        ]
        if definition.samples > 1 { facts.append("\(definition.samples) tries each") }
        for (_, model) in definition.models.sorted(by: { $0.key < $1.key }) { facts.append("\(model.name)") }
        facts.append("\(String(result.started.description.prefix(10)))")
        facts.append("evaluation <code>\(result.id.rawValue)</code>")
        if let rescored = definition.rescored { facts.append("scored anew from <code>\(rescored.rawValue)</code>") }
        if result.status != .completed { facts.append("<strong>not finished</strong>") }
        let summary = definition.playbook["description"]?.stringValue ?? ""
        return """
            <header><h1>\(definition.name)</h1><p class=summary>\(summary)</p><p class=quiet>\
            \(Markup(facts, separator: " · "))</p></header>
            """
    }

    private static func file(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private var plots: Markup {
        var plots: Markup = ""
        if let plot = CostPlot(result: result, others: others).svg {
            plots += "<section><h2>Cost and accuracy</h2><figure>\(plot)</figure>\(table)</section>"
        }
        var pair: Markup = ""
        if let plot = SamplesPlot(result: result).svg {
            pair += "<section><h2>More tries</h2><figure>\(plot)</figure></section>"
        }
        if let calibration = result.calibration {
            pair += """
                <section><h2>Calibration</h2><figure class=square>\(CalibrationPlot(calibration: calibration).svg)\
                <figcaption>Expected calibration error \(NumberText.decimal(calibration.expectedError, places: 3)), Brier \
                score \(NumberText.decimal(calibration.brier, places: 3)), over \(NumberText.count(calibration.count)) \
                answers. Bars: how many answers are as sure.</figcaption></figure></section>
                """
        }
        return plots + (pair.text.isEmpty ? "" : "<div class=pair>\(pair)</div>")
    }

    /// The numbers of the plot, where there is more than one evaluation in it.
    private var table: Markup {
        guard !others.isEmpty else { return "" }
        let rows = ([result] + others).map { one -> Markup in
            let tokens = one.problems > 0 ? Double(one.usage.total) / Double(one.problems) : 0
            return """
                <tr><th scope=row>\(one.definition.name)</th><td class=n>\(NumberText.percent(one.accuracy))</td><td \
                class="n quiet">\(NumberText.percent(one.interval))</td><td class=n>\(NumberText.amount(tokens))</td><td \
                class=n>\(one.perCorrect(one.seconds).map { NumberText.seconds($0) } ?? "–")</td><td class=quiet><code>\
                \(one.id.rawValue)</code></td></tr>
                """
        }
        return """
            <table><thead><tr><th scope=col>playbook</th><th scope=col class=n>right</th><th scope=col class=n>95 % \
            interval</th><th scope=col class=n>tokens per problem</th><th scope=col class=n>time per right answer</th><th \
            scope=col>evaluation</th></tr></thead><tbody>\(Markup(rows))</tbody></table>
            """
    }
}
