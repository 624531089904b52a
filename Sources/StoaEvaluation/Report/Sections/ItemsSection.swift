internal import StoaCore

/// Every try at every problem, to be filtered and opened.
struct ItemsSection: Sendable {
    /// The longest text of a message that is shown whole, in characters.
    static let longestText = 20_000

    let result: EvaluationResult
    /// What was said, by run; a run that is missing is only named.
    let conversations: [RunID: Conversation]

    private enum Outcome: String, CaseIterable {
        case right, wrong, silent, failed

        init(_ item: EvaluationItem) {
            if item.isFailed {
                self = .failed
            } else if item.isCorrect {
                self = .right
            } else {
                self = item.extracted == nil ? .silent : .wrong
            }
        }

        var words: String {
            switch self {
            case .right: "right"
            case .wrong: "wrong"
            case .silent: "no answer"
            case .failed: "failed"
            }
        }

        var sign: String {
            switch self {
            case .right: "✓"
            case .wrong: "✗"
            case .silent: "–"
            case .failed: "!"
            }
        }
    }

    var html: Markup {
        let outcomes = result.items.map(Outcome.init)
        let chips = Outcome.allCases.compactMap { outcome -> Markup? in
            let count = outcomes.count { $0 == outcome }
            guard count > 0 else { return nil }
            return """
                <button type=button data-show="\(outcome.rawValue)" aria-pressed=false><i class="\(outcome.rawValue)">\
                </i>\(outcome.words) <b>\(NumberText.count(count))</b></button>
                """
        }
        let rows = zip(result.items, outcomes).map { row($0, $1) }
        return """
            <section><h2>Problems</h2><div class=filter><input type=search id=find placeholder="Find in problems and \
            answers" aria-label="Find in problems and answers"><div class=chips><button type=button data-show=all \
            aria-pressed=true>all <b>\(NumberText.count(result.items.count))</b></button>\(Markup(chips))</div></div>\
            <div class="head item-grid" aria-hidden=true><span></span><span>problem</span><span>answer</span><span>\
            expected</span><span class=n>tokens</span><span class=n>time</span></div><div id=items>\(Markup(rows))</div>\
            <p id=none hidden>No problem matches.</p></section>
            """
    }

    private func row(_ item: EvaluationItem, _ outcome: Outcome) -> Markup {
        let problem = result.definition.problems[item.problem]
        let answer = item.extracted ?? item.answer.map { $0.isEmpty ? "–" : $0 } ?? "–"
        let sample: Markup = result.definition.samples > 1 ? "<em>try \(item.sample + 1)</em> " : ""
        return """
            <details class="item \(outcome.rawValue)" data-outcome="\(outcome.rawValue)"><summary class=item-grid>\
            <i class="\(outcome.rawValue)" title="\(outcome.words)">\(outcome.sign)</i><span class=what><b>\(problem.id)\
            </b> \(sample)\(Self.line(problem.question, 160))</span><span class=said>\(Self.line(answer, 60))</span>\
            <span class=said>\(Self.line(problem.answer, 60))</span><span class=n>\
            \(NumberText.amount(Double(item.usage.total)))</span><span class=n>\(NumberText.seconds(item.seconds))</span>\
            </summary><div class=body>\(facts(item, problem))\(conversation(item))</div></details>
            """
    }

    private func facts(_ item: EvaluationItem, _ problem: Problem) -> Markup {
        var rows: [(String, Markup)] = [
            ("question", Markup(escaping: problem.question)), ("expected", Markup(escaping: problem.answer)),
            ("verdict", Markup(escaping: item.evidence)),
        ]
        if let failure = item.failure { rows.append(("failure", Markup(escaping: failure))) }
        if let confidence = item.confidence { rows.append(("sure", Markup(escaping: NumberText.percent(confidence)))) }
        rows.append(("run", "<code>\(item.run.rawValue)</code>"))
        return "<dl class=facts>\(Markup(rows.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }))</dl>"
    }

    private func conversation(_ item: EvaluationItem) -> Markup {
        guard let conversation = conversations[item.run] else {
            return "<p class=quiet>What was said: <code>stoa log show \(item.run.rawValue)</code></p>"
        }
        return "<div class=talk>\(Markup(conversation.entries.map(entry)))</div>"
    }

    private func entry(_ entry: Conversation.Entry) -> Markup {
        switch entry {
        case .prompt(let agent, let step, let role, let text):
            return """
                <div class="turn given"><p class=who>\(role.rawValue) → \(agent) <span>\(step)</span></p>\
                <pre>\(Self.cut(text))</pre></div>
                """
        case .reply(let agent, let step, let text, let finish, let tokens):
            let end = finish == .stop ? "" : ", ended by \(finish.rawValue)"
            return """
                <div class="turn spoken"><p class=who>\(agent) <span>\(step), \(NumberText.count(tokens)) tokens\(end)\
                </span></p><pre>\(Self.cut(text))</pre></div>
                """
        case .thought(let agent, let step, let steps):
            return """
                <div class="turn thought"><p class=who>\(agent) <span>\(step): \(NumberText.count(steps)) latent \
                steps</span></p></div>
                """
        case .tool(let name, let arguments, let output, let status):
            let words = Self.code(arguments) ?? arguments.text
            return """
                <div class="turn tool"><p class=who>tool \(name) <span>\(status.rawValue)</span></p><pre>\
                \(Self.cut(words))</pre><pre class=output>\(Self.cut(output))</pre></div>
                """
        }
    }

    private static func code(_ arguments: JSONValue) -> String? {
        arguments["code"]?.stringValue ?? arguments["expression"]?.stringValue
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longestText else { return text }
        return text.prefix(longestText) + "\n… (\(NumberText.count(text.count - longestText)) more characters)"
    }

    private static func line(_ text: String, _ most: Int) -> String {
        let line = text.prefix(4 * most).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > most ? line.prefix(most - 1) + "…" : line
    }
}
