import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestKit

/// Updates of runs that make no sense: anything may come at any time, with the worst of texts.
struct RandomUpdates {
    private var random: SplitMix
    private let run = RunID("abcdefghijkl")

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    /// Pieces that break pictures: controls, wide, joined and combining characters, long words, line breaks.
    private static let pieces = [
        "word ", "The quick brown fox. ", "a", " ", "\n", "\r\n", "\t", "\u{1B}[2J", "\u{1B}]0;title\u{7}", "\u{9B}31m",
        "\u{0}", "\u{8}", "日本語", "한국어", "e\u{301}", "👨‍👩‍👧‍👦", "🇨🇭", "☺\u{FE0F}", "\u{FE0F}", "👍🏽", "\u{202E}abc\u{202C}",
        "\u{200D}", "\u{200B}", "Z\u{351}\u{352}\u{353}\u{354}\u{355}\u{356}\u{357}\u{358}\u{359}\u{35A}\u{35B}",
        String(repeating: "x", count: 300), "\u{2028}", "\u{85}", "नमस्ते", "ᄀ", "\u{AD}", "\u{E000}", "ｆｕｌｌ",
    ]

    mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    mutating func text() -> String {
        var text = ""
        for _ in 0..<below(12) { text += Self.pieces[below(Self.pieces.count)] }
        return text
    }

    private mutating func effect() -> EffectKey? {
        guard below(12) > 0 else { return nil }
        let agents = ["planner", "critic", "日本", "a-very-long-name-of-an-agent-that-does-not-fit"]
        let branch = below(3)
        return EffectKey(
            node: "step\(below(3))", indices: branch == 0 ? [] : [branch],
            agent: below(6) == 0 ? nil : AgentID(role: agents[below(4)], branch: branch == 0 ? [] : [branch]),
            turn: below(2))
    }

    mutating func next() -> RunUpdate {
        let effect = effect()
        return RunUpdate(run: run, effect: effect, change: change(effect))
    }

    private mutating func change(_ effect: EffectKey?) -> RunUpdate.Change {
        let usage = Usage(
            prefillTokens: below(100_000), latentSteps: below(50), decodedTokens: below(5000))
        switch below(15) {
        case 0: return .started(playbook: text(), seed: random.next(), resumed: below(2) == 0)
        case 1, 2, 3: return .working(activity: ["say", "think", "call", "verify", "ask"][below(5)])
        case 4, 5, 6, 7: return .progress(.text(text()))
        case 8: return .progress(below(2) == 0 ? .latentStep(below(100)) : .prefilling)
        case 9: return .progress(.waiting(.milliseconds(below(5000)), reason: text()))
        case 10: return .worked(usage: usage, duration: .milliseconds(below(99_999)), isRecorded: false)
        case 11: return .decided(text())
        case 12: return .restarted(reason: text(), attempt: 1)
        case 13:
            var spending = Spending()
            spending.usage = usage
            var budget = Budget()
            budget.decodedTokens = below(5000)
            if below(2) == 0 { budget.wallTime = .seconds(below(100)) }
            return .spending(spending, budget: budget)
        default: return .posted(message(effect))
        }
    }

    private mutating func message(_ effect: EffectKey?) -> Message {
        let effect = effect ?? EffectKey(node: "parameters")
        let kinds = MessageKind.allCases
        return Message(
            id: EventKey(effect, .messagePosted), run: run, from: effect.agent ?? .conductor,
            destination: .topic(text()), kind: kinds[below(kinds.count)],
            payload: [
                "passed": .bool(below(2) == 0), "evidence": .string(text()), "answer": .string(text()),
                "value": .string(text()), "text": .string(text()),
            ])
    }
}
