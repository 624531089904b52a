internal import Glibc

/// The axes of a plot, and where values stand between them.
struct PlotFrame: Sendable {
    /// How values become places along an axis.
    struct Scale: Sendable {
        let lower: Double
        let upper: Double
        let isLogarithmic: Bool

        init(_ lower: Double, _ upper: Double, isLogarithmic: Bool = false) {
            self.lower = lower
            self.upper = upper > lower ? upper : lower + 1
            self.isLogarithmic = isLogarithmic
        }

        /// 0 at the lower end, 1 at the upper.
        func place(_ value: Double) -> Double {
            let value = min(max(value, lower), upper)
            return isLogarithmic ? log(value / lower) / log(upper / lower) : (value - lower) / (upper - lower)
        }

        /// Round numbers along the scale.
        var ticks: [Double] {
            guard isLogarithmic else {
                let rough = (upper - lower) / 5
                let power = pow(10, floor(log10(rough)))
                let step = power * ([1, 2, 2.5, 5, 10].first { $0 * power >= rough } ?? 10)
                let first = (lower / step).rounded(.up)
                return (0...12).map { (first + Double($0)) * step }.filter { $0 <= upper * (1 + 1e-12) }
            }
            var ticks: [Double] = []
            var power = pow(10, floor(log10(lower)))
            while power <= upper {
                ticks += [1, 2, 5].map { $0 * power }.filter { $0 >= lower * 0.999 && $0 <= upper * 1.001 }
                power *= 10
            }
            return ticks
        }
    }

    let width: Double
    let height: Double
    let x: Scale
    let y: Scale
    var left = 66.0
    var right = 18.0
    var top = 14.0
    var bottom = 44.0

    init(width: Double = 940, height: Double = 340, x: Scale, y: Scale) {
        self.width = width
        self.height = height
        self.x = x
        self.y = y
    }

    func across(_ value: Double) -> Double { left + x.place(value) * (width - left - right) }
    func up(_ value: Double) -> Double { height - bottom - y.place(value) * (height - top - bottom) }

    /// The whole picture: grid, labels and what is drawn between them.
    ///
    /// - Parameters:
    ///   - title: what a screen reader says.
    ///   - labels: what stands along the axes.
    ///   - xTicks: the values that are marked below; nil for round numbers.
    ///   - xText: how a value is written below the plot.
    ///   - yText: how a value is written beside it.
    ///   - content: what is drawn.
    /// - Returns: an `svg` element.
    func svg(
        title: String, labels: (x: String, y: String), xTicks: [Double]? = nil,
        xText: (Double) -> String, yText: (Double) -> String, _ content: Markup
    ) -> Markup {
        var grid: Markup = ""
        let floor = height - bottom
        for tick in y.ticks {
            let at = up(tick)
            grid += "<line class=grid x1=\"\(left)\" x2=\"\(width - right)\" y1=\"\(at)\" y2=\"\(at)\"/>"
            grid += "<text class=tick x=\"\(left - 8)\" y=\"\(at + 4)\" text-anchor=end>\(yText(tick))</text>"
        }
        for tick in xTicks ?? x.ticks {
            let at = across(tick)
            grid += "<line class=tickmark x1=\"\(at)\" x2=\"\(at)\" y1=\"\(floor)\" y2=\"\(floor + 4)\"/>"
            grid += "<text class=tick x=\"\(at)\" y=\"\(floor + 18)\" text-anchor=middle>\(xText(tick))</text>"
        }
        let axis: Markup = "<line class=axis x1=\"\(left)\" x2=\"\(width - right)\" y1=\"\(floor)\" y2=\"\(floor)\"/>"
        let middle = left + (width - left - right) / 2
        return """
            <svg viewBox="0 0 \(width) \(height)" role=img aria-label="\(title)"><title>\(title)</title>\(grid)\(axis)\
            <text class=label x="\(middle)" y="\(height - 6)" text-anchor=middle>\(labels.x)</text>\
            <text class=label x="0" y="0" text-anchor=middle transform="translate(12 \(top + (floor - top) / 2)) \
            rotate(-90)">\(labels.y)</text>\(content)</svg>
            """
    }

    /// What lines mean, in the corner where they begin low.
    ///
    /// - Parameter entries: the classes of lines and what they mean.
    /// - Returns: a line and words for each.
    func legend(_ entries: [(line: String, words: String)]) -> Markup {
        Markup(
            entries.enumerated().map { index, entry in
                let y = top + 10 + 20 * Double(index)
                return """
                    <line class="\(entry.line)" x1="\(left + 12)" x2="\(left + 36)" y1="\(y)" y2="\(y)"/>\
                    <text class=key x="\(left + 44)" y="\(y + 4)">\(entry.words)</text>
                    """
            })
    }

    /// A line through points.
    func path(_ points: [(x: Double, y: Double)], class name: String) -> Markup {
        let steps = points.enumerated().map { index, point -> Markup in
            index == 0 ? "M\(across(point.x)) \(up(point.y))" : "L\(across(point.x)) \(up(point.y))"
        }
        return "<path class=\"\(name)\" d=\"\(Markup(steps))\"/>"
    }
}
