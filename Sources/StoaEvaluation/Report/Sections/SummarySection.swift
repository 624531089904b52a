internal import StoaCore

/// The number that everybody looks for, how sure it is, and what it cost.
struct SummarySection: Sendable {
    let result: EvaluationResult

    var html: Markup {
        """
        <section class=hero><div class=score><p class=figure>\(NumberText.percent(result.accuracy))</p>\
        <p class=under>right, \(interval)</p>\(bar)</div><dl class=tiles>\(Markup(tiles))</dl></section>
        """
    }

    private var interval: Markup {
        let name = result.stopping == nil ? "95 % interval" : "95 % interval at any time"
        return "\(name) <strong>\(NumberText.percent(result.interval))</strong>"
    }

    private var bar: Markup {
        let (low, width) = (result.interval.lower * 100, result.interval.width * 100)
        return """
            <div class=range role=img aria-label="\(NumberText.percent(result.interval))"><span class=band \
            style="left:\(low)%;width:\(width)%"></span><span class=mark style="left:\(result.accuracy * 100)%"></span>\
            </div><div class=ends><span>0</span><span>100 %</span></div>
            """
    }

    private var tiles: [Markup] {
        func tile(_ name: String, _ value: String, _ note: String = "") -> Markup {
            "<div><dt>\(name)</dt><dd>\(value)\(note.isEmpty ? "" : "<small>\(note)</small>" as Markup)</dd></div>"
        }
        func per(_ amount: Double, _ text: (Double) -> String) -> String { result.perCorrect(amount).map(text) ?? "–" }
        let usage = result.usage.logical
        var tiles = [tile("right", NumberText.count(result.correct), "of \(NumberText.count(result.items.count))")]
        if result.definition.samples > 1 {
            let pass = result.passAtK.last ?? 0
            let vote = result.majorityAtK.last ?? 0
            let note = { (interval: ConfidenceInterval?) in interval.map { NumberText.percent($0) } ?? "" }
            tiles.append(tile("any of \(result.passAtK.count)", NumberText.percent(pass), note(result.passInterval)))
            tiles.append(
                tile("vote of \(result.majorityAtK.count)", NumberText.percent(vote), note(result.majorityInterval)))
        }
        if result.failed > 0 { tiles.append(tile("failed", NumberText.count(result.failed), "count as wrong")) }
        if result.unanswered > 0 {
            tiles.append(tile("no answer", NumberText.count(result.unanswered), "count as wrong"))
        }
        tiles.append(tile("tokens", per(Double(usage.total), NumberText.amount), "per right answer"))
        if usage.latentSteps > 0 {
            tiles.append(tile("latent steps", per(Double(usage.latentSteps), NumberText.amount), "per right answer"))
        }
        tiles.append(tile("time", per(result.seconds, NumberText.seconds), "per right answer"))
        tiles.append(tile("time", NumberText.seconds(result.seconds), "all problems"))
        tiles.append(tile("pace", NumberText.decimal(result.questionsPerSecond, places: 2), "questions per second"))
        return tiles
    }
}
