/// How often answers are right over how sure they were: on the diagonal where both agree.
struct CalibrationPlot: Sendable {
    let calibration: Calibration

    var svg: Markup {
        let frame = PlotFrame(width: 460, height: 372, x: PlotFrame.Scale(0, 1), y: PlotFrame.Scale(0, 1))
        var content: Markup = """
            <line class=diagonal x1="\(frame.across(0))" y1="\(frame.up(0))" x2="\(frame.across(1))" \
            y2="\(frame.up(1))"/>
            """
        let most = Double(calibration.bins.map(\.count).max() ?? 1)
        for bin in calibration.bins where bin.count > 0 {
            let interval = WilsonInterval.interval(successes: bin.correct, trials: bin.count)
            let (left, right) = (frame.across(bin.lower), frame.across(bin.upper))
            let height = (frame.up(0) - frame.up(0.16)) * Double(bin.count) / most
            content += """
                <rect class=mass x="\(left + 1)" y="\(frame.up(0) - height)" width="\(right - left - 2)" \
                height="\(height)"/>
                """
            let (x, y) = (frame.across(bin.confidence), frame.up(bin.accuracy))
            content += """
                <g class=own><line class=whisker x1="\(x)" x2="\(x)" y1="\(frame.up(interval.lower))" \
                y2="\(frame.up(interval.upper))"/><circle cx="\(x)" cy="\(y)" r=4.5 />\
                <title>\(NumberText.count(bin.count)) answers, \(NumberText.percent(bin.accuracy)) right</title></g>
                """
        }
        return frame.svg(
            title: "Share of right answers over confidence", labels: ("confidence", "right"),
            xText: { NumberText.percent($0, places: 0) }, yText: { NumberText.percent($0, places: 0) }, content)
    }
}
