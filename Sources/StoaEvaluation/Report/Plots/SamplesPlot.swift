/// How the chance of being right grows with the number of tries.
struct SamplesPlot: Sendable {
    let result: EvaluationResult

    /// The plot; nil for a single try.
    var svg: Markup? {
        let count = result.passAtK.count
        guard count > 1 else { return nil }
        // Room for the legend above the lines.
        let top = min(1, (result.passAtK.last ?? 1) * 1.25 + 0.02)
        let frame = PlotFrame(
            width: 460, height: 372, x: PlotFrame.Scale(1, Double(count)), y: PlotFrame.Scale(0, top))
        func points(_ values: [Double]) -> [(x: Double, y: Double)] {
            values.enumerated().map { (Double($0 + 1), $1) }
        }
        func dots(_ values: [Double], _ name: String) -> Markup {
            Markup(
                points(values).map {
                    "<circle class=\"\(name)\" cx=\"\(frame.across($0.x))\" cy=\"\(frame.up($0.y))\" r=3.2 />"
                })
        }
        let step = max(1, count / 8)
        return frame.svg(
            title: "Chance of being right over the number of tries", labels: ("tries", "chance"),
            xTicks: stride(from: 1, through: count, by: step).map(Double.init),
            xText: { String(Int($0)) }, yText: { NumberText.percent($0, places: 0) },
            frame.path(points(result.passAtK), class: "line ceiling")
                + frame.path(points(result.majorityAtK), class: "line")
                + dots(result.passAtK, "dot ceiling") + dots(result.majorityAtK, "dot")
                + frame.legend([("line ceiling", "any right (pass@k)"), ("line", "vote right (majority@k)")]))
    }
}
