internal import StoaCore

/// How well problems of each kind are solved.
struct StrataSection: Sendable {
    let tables: [StratumTable]

    var html: Markup {
        guard !tables.isEmpty else { return "" }
        return "<section><h2>Kinds of problems</h2><div class=tables>\(Markup(tables.map(table)))</div></section>"
    }

    private func table(_ table: StratumTable) -> Markup {
        let rows = table.rows.map { row -> Markup in
            let (low, width) = (row.interval.lower * 100, row.interval.width * 100)
            return """
                <tr><th scope=row>\(row.value)</th><td class=n>\(NumberText.count(row.problems))</td><td class=n>\
                \(NumberText.percent(row.accuracy))</td><td class=wide><div class="range small"><span class=band \
                style="left:\(low)%;width:\(width)%"></span><span class=mark style="left:\(row.accuracy * 100)%"></span>\
                </div></td><td class="n quiet">\(NumberText.percent(row.interval))</td></tr>
                """
        }
        return """
            <table class=strata><thead><tr><th scope=col>\(table.field)</th><th scope=col class=n>problems</th><th \
            scope=col class=n>right</th><th scope=col class=wide>0 – 100 %</th><th scope=col class=n>95 % interval</th>\
            </tr></thead><tbody>\(Markup(rows))</tbody></table>
            """
    }
}
