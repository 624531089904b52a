/// Held-out accuracy over rounds, with its intervals, from before the first one.
struct AccuracyCurve: Sendable {
    let before: EvolutionRound.Accuracy?
    let rounds: [EvolutionRound]

    /// The plot; nil where nothing was measured.
    var svg: Markup? {
        var points: [(x: Double, accuracy: EvolutionRound.Accuracy, isRolledBack: Bool)] = []
        if let before { points.append((0, before, false)) }
        for round in rounds {
            if let accuracy = round.accuracy { points.append((Double(round.number), accuracy, round.isRolledBack)) }
        }
        guard !points.isEmpty else { return nil }
        let top = points.map { $0.accuracy.interval?.upper ?? $0.accuracy.value }.max() ?? 1
        let last = max(points.map(\.x).max() ?? 1, 1)
        let frame = PlotFrame(x: .init(-0.3, last + 0.3), y: .init(0, min(1, top * 1.12 + 0.02)))
        var content = frame.path(points.map { ($0.x, $0.accuracy.value) }, class: "line")
        for point in points {
            let x = frame.across(point.x)
            var mark: Markup = ""
            if let interval = point.accuracy.interval {
                mark += """
                    <line class=whisker x1="\(x)" x2="\(x)" y1="\(frame.up(interval.lower))" \
                    y2="\(frame.up(interval.upper))"/>
                    """
            }
            mark += """
                <circle cx="\(x)" cy="\(frame.up(point.accuracy.value))" r=4.5 />\
                <title>\(NumberText.percent(point.accuracy.value))\(point.isRolledBack ? ", rolled back" : "")</title>
                """
            content += "<g class=\"\(point.isRolledBack ? "other" : "own")\">\(mark)</g>"
        }
        return frame.svg(
            title: "Held-out accuracy over rounds", labels: ("round", "held out, right"),
            xTicks: PlotFrame.wholeTicks(to: Int(last)), xText: { NumberText.count(Int($0)) },
            yText: { NumberText.percent($0, places: 0) }, content)
    }
}

/// How many of a round's problems were mastered, being learned, and too hard.
struct ZonesPlot: Sendable {
    let rounds: [EvolutionRound]

    /// The plot; nil where nothing was tried.
    var svg: Markup? {
        guard let most = rounds.map(\.zones.total).max(), most > 0 else { return nil }
        let last = rounds.map(\.number).max() ?? 1
        let frame = PlotFrame(
            width: 460, height: 300, x: .init(0.4, Double(last) + 0.6), y: .init(0, Double(most) * 1.2))
        let width = min(34, (frame.across(1) - frame.across(0)) * 0.72)
        var content: Markup = ""
        for round in rounds {
            var sum = 0
            for (name, words, count) in Self.parts(round.zones) where count > 0 {
                let (low, high) = (frame.up(Double(sum)), frame.up(Double(sum + count)))
                content += """
                    <rect class="zone \(name)" x="\(frame.across(Double(round.number)) - width / 2)" y="\(high)" \
                    width="\(width)" height="\(low - high)"><title>\(words): \(count)</title></rect>
                    """
                sum += count
            }
        }
        return frame.svg(
            title: "Problems of each round by zone", labels: ("round", "problems"),
            xTicks: PlotFrame.wholeTicks(to: last).filter { $0 > 0 }, xText: { NumberText.count(Int($0)) },
            yText: { NumberText.amount($0) }, content)
    }

    /// What the colours mean.
    static var key: Markup {
        Markup(
            parts(.init()).map { name, words, _ in "<span class=key-\(name)>■</span> \(words)" as Markup },
            separator: " &nbsp; ")
    }

    private static func parts(_ zones: EvolutionRound.Zones) -> [(name: String, words: String, count: Int)] {
        [
            ("mastered", "mastered", zones.mastered), ("learning", "sometimes right", zones.learning),
            ("hard", "too hard", zones.tooHard),
        ]
    }
}

/// A number of each round, such as a loss.
struct RoundsPlot: Sendable {
    let title: String
    let label: String
    /// A line each: what it is called, and the number of each round that has one.
    let lines: [(name: String, points: [(x: Double, y: Double)])]

    /// The plot; nil where there is nothing to show.
    var svg: Markup? {
        let points = lines.flatMap(\.points)
        guard let top = points.map(\.y).max(), let last = points.map(\.x).max() else { return nil }
        let frame = PlotFrame(
            width: 460, height: 300, x: .init(0.4, last + 0.6), y: .init(min(0, points.map(\.y).min() ?? 0), top * 1.15)
        )
        let classes = ["line", "line ceiling", "line third"]
        var content: Markup = ""
        for (index, line) in lines.enumerated() { content += frame.path(line.points, class: classes[index % 3]) }
        if lines.count > 1 {
            content += frame.legend(lines.enumerated().map { (classes[$0 % 3], $1.name) })
        }
        return frame.svg(
            title: title, labels: ("round", label), xTicks: PlotFrame.wholeTicks(to: Int(last)).filter { $0 > 0 },
            xText: { NumberText.count(Int($0)) }, yText: { NumberText.amount($0) }, content)
    }
}

extension PlotFrame {
    /// Whole numbers from 0, so few that they do not touch.
    static func wholeTicks(to last: Int) -> [Double] {
        let step = max(1, (last + 9) / 10)
        return stride(from: 0, through: max(last, 1), by: step).map(Double.init)
    }
}
