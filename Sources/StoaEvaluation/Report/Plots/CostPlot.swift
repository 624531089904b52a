internal import StoaCore

/// Accuracy over what an answer costs: this evaluation, those beside it, and what more tries would buy.
struct CostPlot: Sendable {
    let result: EvaluationResult
    let others: [EvaluationResult]

    private static func cost(_ result: EvaluationResult) -> Double {
        result.problems > 0 ? Double(result.usage.total) / Double(result.problems) : 0
    }

    /// The plot; nil where nothing was asked.
    var svg: Markup? {
        guard result.problems > 0 else { return nil }
        let all = [result] + others.filter { $0.problems > 0 }
        var costs = all.map(Self.cost)
        let tries = result.majorityAtK.count
        if tries > 1 { costs.append(costs[0] / Double(tries)) }
        let (least, most) = (max(costs.min() ?? 1, 1), max(costs.max() ?? 1, 1))
        let top = min(1, (all.map { $0.interval.upper } + result.passAtK).max().map { $0 * 1.12 + 0.02 } ?? 1)
        let isWide = most / least > 8
        let x = isWide ? PlotFrame.Scale(least / 1.6, most * 1.6, isLogarithmic: true) : PlotFrame.Scale(0, most * 1.25)
        let frame = PlotFrame(x: x, y: PlotFrame.Scale(0, top))
        var content: Markup = ""
        if tries > 1 {
            func curve(_ values: [Double]) -> [(x: Double, y: Double)] {
                values.enumerated().map { (costs[0] / Double(tries) * Double($0 + 1), $1) }
            }
            content += frame.path(curve(result.passAtK), class: "line ceiling")
            content += frame.path(curve(result.majorityAtK), class: "line")
            content += frame.legend([("line ceiling", "any right (pass@k)"), ("line", "vote right (majority@k)")])
            for point in curve(result.majorityAtK).dropLast() {
                content += "<circle class=dot cx=\"\(frame.across(point.x))\" cy=\"\(frame.up(point.y))\" r=2.6 />"
            }
        }
        for (index, one) in all.enumerated().reversed() {
            content += point(one, frame, isOwn: index == 0, isVote: index == 0 && tries > 1)
        }
        return frame.svg(
            title: "Accuracy over tokens per problem", labels: ("tokens per problem", "accuracy"),
            xText: { NumberText.amount($0) }, yText: { NumberText.percent($0, places: 0) }, content)
    }

    private func point(_ one: EvaluationResult, _ frame: PlotFrame, isOwn: Bool, isVote: Bool) -> Markup {
        // With several tries the last point of the curve is the vote of all of them, at the price of all of them.
        let value = isVote ? one.majorityAtK.last ?? one.accuracy : one.accuracy
        let interval = isVote ? one.majorityInterval ?? one.interval : one.interval
        let (x, y) = (frame.across(Self.cost(one)), frame.up(value))
        let (low, high) = (frame.up(interval.lower), frame.up(interval.upper))
        let name = isOwn ? "own" : "other"
        let isRight = x > frame.width - 150
        let anchor = isRight ? "end" : "start"
        return """
            <g class="\(name)"><line class=whisker x1="\(x)" x2="\(x)" y1="\(low)" y2="\(high)"/>\
            <line class=whisker x1="\(x - 4)" x2="\(x + 4)" y1="\(low)" y2="\(low)"/>\
            <line class=whisker x1="\(x - 4)" x2="\(x + 4)" y1="\(high)" y2="\(high)"/>\
            <circle cx="\(x)" cy="\(y)" r=5 /><text class=name x="\(isRight ? x - 10 : x + 10)" y="\(y + 4)" \
            text-anchor="\(anchor)">\(one.definition.name)\(isVote ? " (vote)" : "")</text></g>
            """
    }
}
