public import StoaCore

/// Rounds of training as one page: it needs no network and no other file, and no script runs in it.
public struct EvolutionReport: Sendable {
    private let summary: JSONValue
    private let rounds: [EvolutionRound]
    private let before: EvolutionRound.Accuracy?

    /// Puts a report together.
    ///
    /// - Parameter document: `{summary, rounds}`, as `stoa evolve --json` writes them: the rounds' lines, and the last line.
    public init(_ document: JSONValue) {
        summary = document["summary"] ?? .null
        rounds = (document["rounds"]?.arrayValue ?? []).enumerated().map { EvolutionRound($1, index: $0) }
        before = summary["before"].flatMap { EvolutionRound.Accuracy($0) }
    }

    /// The page, as HTML.
    public var html: String {
        """
        <!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport \
        content="width=device-width,initial-scale=1"><meta name=color-scheme content="light dark"><meta \
        http-equiv=Content-Security-Policy content="default-src 'none'; style-src 'unsafe-inline'"><title>\
        \(Markup(escaping: name).text) – evolution</title><style>\(ReportStyle.css)\(Self.css)</style></head><body><main>\
        \(body.text)</main></body></html>

        """
    }

    private static let css = """
        svg .line.third{stroke:var(--failed)}.zone.mastered{fill:var(--right)}.zone.learning{fill:var(--second)}\
        .zone.hard{fill:var(--wrong)}.key-mastered{color:var(--right)}.key-learning{color:var(--second)}\
        .key-hard{color:var(--wrong)}
        """

    private var name: String { summary["playbook"]?.stringValue ?? "rounds" }

    private var body: Markup { header + hero + curve + curriculum + table }

    private var header: Markup {
        var facts: [Markup] = []
        if let model = summary["model"]?["name"]?.stringValue { facts.append("\(model)") }
        if let seed = summary["seed"] { facts.append("seed \(seed.text)") }
        if let run = summary["run"]?.stringValue { facts.append("run <code>\(run)</code>") }
        if let status = summary["status"]?.stringValue, status != "completed" {
            facts.append("<strong>\(status)</strong>")
        }
        return "<header><h1>\(name)</h1><p class=quiet>\(Markup(facts, separator: " · "))</p></header>"
    }

    private var hero: Markup {
        guard let last = rounds.last?.accuracy else { return "" }
        let words: Markup =
            if let before {
                "held out, right, after \(NumberText.percent(before.value)) before the first round"
            } else {
                "held out, right"
            }
        func tile(_ name: String, _ value: String) -> Markup { "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }
        var tiles = [tile("rounds", NumberText.count(rounds.count))]
        if let before {
            tiles.append(tile("points gained", NumberText.decimal((last.value - before.value) * 100, places: 1)))
        }
        if let interval = last.interval { tiles.append(tile("95 % interval", NumberText.percent(interval))) }
        tiles.append(tile("problems tried", NumberText.count(rounds.map(\.problems).reduce(0, +))))
        if let seconds = summary["seconds"]?.doubleValue { tiles.append(tile("time", NumberText.seconds(seconds))) }
        return """
            <section class=hero><div class=score><p class=figure>\(NumberText.percent(last.value))</p><p class=under>\
            \(words)</p></div><dl class=tiles>\(Markup(tiles))</dl></section>
            """
    }

    private var curve: Markup {
        guard let plot = AccuracyCurve(before: before, rounds: rounds).svg else { return "" }
        return "<section><h2>Held out</h2><figure>\(plot)</figure></section>"
    }

    private var curriculum: Markup {
        var plots: Markup = ""
        func add(_ title: Markup, _ plot: Markup?, _ caption: Markup = "") {
            guard let plot else { return }
            plots += "<section><h2>\(title)</h2><figure>\(plot)\(caption)</figure></section>"
        }
        add("Zones", ZonesPlot(rounds: rounds).svg, "<figcaption>\(ZonesPlot.key)</figcaption>")
        add(
            "Difficulty",
            RoundsPlot(title: "Mean level over rounds", label: "mean level", lines: [("level", points(\.level))]).svg)
        let names = rounds.flatMap { $0.losses.map(\.name) }.reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let lines = names.map { name in
            (
                name: name,
                points: rounds.compactMap { round in
                    round.losses.first { $0.name == name }.map { (x: Double(round.number), y: $0.value) }
                }
            )
        }
        add("Losses", RoundsPlot(title: "Losses over rounds", label: "loss", lines: lines).svg)
        add(
            "New problems",
            RoundsPlot(
                title: "Mean success at a round's problems", label: "mean success",
                lines: [("success", points(\.success))]
            ).svg)
        return plots.text.isEmpty ? "" : "<div class=pair>\(plots)</div>"
    }

    private func points(_ value: (EvolutionRound) -> Double?) -> [(x: Double, y: Double)] {
        rounds.compactMap { round in value(round).map { (Double(round.number), $0) } }
    }

    private var table: Markup {
        let rows = rounds.map { round -> Markup in
            let accuracy = round.accuracy.map { NumberText.percent($0.value) } ?? "–"
            let interval = round.accuracy?.interval.map { NumberText.percent($0) } ?? "–"
            let loss = round.losses.first.map { NumberText.decimal($0.value, places: 3) } ?? "–"
            return """
                <tr><th scope=row>\(round.number)</th><td class=n>\(round.problems)</td><td class=n>\
                \(round.zones.mastered)</td><td class=n>\(round.zones.learning)</td><td class=n>\(round.zones.tooHard)</td>\
                <td class=n>\(round.pairs)</td><td class=n>\(loss)</td><td class=n>\(accuracy)</td><td class="n quiet">\
                \(interval)</td><td class=quiet><code>\(String(round.adapter.prefix(12)))</code>\
                \(round.isRolledBack ? " rolled back" : "")</td></tr>
                """
        }
        let names: [Markup] = [
            "problems", "mastered", "sometimes", "too hard", "pairs", "loss", "held out", "95 % interval",
        ]
        let head = names.map { "<th scope=col class=n>\($0)</th>" as Markup }
        return """
            <section><h2>Rounds</h2><table><thead><tr><th scope=col>round</th>\(Markup(head))<th scope=col>adapter</th>\
            </tr></thead><tbody>\(Markup(rows))</tbody></table></section>
            """
    }
}
