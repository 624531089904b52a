import StoaCLI
import StoaCore
import StoaRuntime
import Testing

/// Whatever a run does, the picture fits the terminal.
@Suite struct LiveViewTests {
    private static func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control && !(0x202A...0x202E).contains($0.value)
                && !["\u{2028}", "\u{2029}"].contains($0)
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func `every line fits every width, and no control character is in it`(_ seed: UInt64) {
        var updates = RandomUpdates(seed: seed)
        var view = LiveView(options: LiveView.Options(isVerbose: seed % 2 == 0))
        view.apply(
            RunUpdate(run: RunID("r"), change: .started(playbook: "debate", seed: 1, resumed: false)), at: .zero)
        var now = Duration.zero
        for _ in 0..<60 {
            now += .milliseconds(updates.below(400))
            view.apply(updates.next(), at: now)
            let (width, height) = (1 + updates.below(200), 1 + updates.below(40))
            let above = updates.below(3) == 0 ? view.takeFinished(width: width) : []
            let frame = view.frame(width: width, height: height, at: now)
            #expect(frame.count <= height)
            for line in above + frame {
                #expect(line.width <= width, "width \(width): \(line.plain)")
                #expect(Self.isPlain(line.plain), "\(line.plain.unicodeScalars.map { $0.value })")
            }
        }
    }

    @Test(arguments: UInt64(0)..<60)
    func `drawing over a picture leaves nothing of it behind`(_ seed: UInt64) {
        var updates = RandomUpdates(seed: seed)
        var view = LiveView()
        view.apply(
            RunUpdate(run: RunID("r"), change: .started(playbook: "debate", seed: 1, resumed: false)), at: .zero)
        var painter = FramePainter()
        var screen = ScreenModel(width: 1 + updates.below(100))
        var stay: [String] = []
        var now = Duration.zero
        for _ in 0..<60 {
            now += .milliseconds(updates.below(200))
            view.apply(updates.next(), at: now)
            if updates.below(8) == 0 { screen.resize(to: 1 + updates.below(100)) }
            let width = max(screen.width - 1, 1)
            let above = view.takeFinished(width: width)
            let frame = view.frame(width: width, height: 20, at: now)
            screen.write(painter.paint(above: above, frame: frame, width: screen.width, colored: seed % 3 == 0))
            stay += above.map(\.plain)
            #expect(screen.text == ScreenModel.visible(stay + frame.map(\.plain)))
            if updates.below(10) == 0 {
                screen.write(painter.clear(width: screen.width))
                #expect(screen.text == ScreenModel.visible(stay))
                #expect(painter.isEmpty)
            }
        }
        #expect(screen.unknown == [])
    }

    @Test func `a picture that stays as it is is not drawn again`() {
        var painter = FramePainter()
        #expect(!painter.paint(above: [], frame: ["a"], width: 80, colored: true).isEmpty)
        #expect(painter.paint(above: [], frame: ["a"], width: 80, colored: true).isEmpty)
        #expect(painter.clear(width: 80) == "\r\u{1B}[1A\u{1B}[K\r\n\u{1B}[1A")
        #expect(painter.clear(width: 80).isEmpty)
    }

    /// A debate of two agents that speak at once.
    private func debate() -> LiveView {
        var view = LiveView()
        func update(_ agent: String?, _ change: RunUpdate.Change, at milliseconds: Int) {
            let effect = agent.map { EffectKey(node: "open", indices: [0], agent: AgentID($0)) }
            view.apply(RunUpdate(run: RunID("abc"), effect: effect, change: change), at: .milliseconds(milliseconds))
        }
        update(nil, .started(playbook: "debate", seed: 7, resumed: false), at: 0)
        update("pro", .working(activity: "say"), at: 0)
        update("con", .working(activity: "think"), at: 0)
        for step in 1...40 { update("con", .progress(.latentStep(step)), at: step * 25) }
        for word in 0..<10 { update("pro", .progress(.text("word\(word) ")), at: 100 + word * 100) }
        return view
    }

    @Test func `agents at work have a block each, and the run a line`() {
        var view = debate()
        #expect(view.takeFinished(width: 60).map(\.plain) == ["debate  run abc  seed 7"])
        #expect(
            view.frame(width: 60, height: 20, at: .milliseconds(1100)).map(\.plain) == [
                "⠙ pro  speaking  10 tokens  10/s  open[1]",
                "  │ word0 word1 word2 word3 word4 word5 word6 word7 word8",
                "  │ word9",
                "⠙ con  thinking  40 steps  37/s  open[1]",
                "─ 1.1 s  47/s  out 10  latent 40  in 0",
            ])
    }

    @Test func `a narrow terminal shows what matters most`() {
        let lines = debate().frame(width: 20, height: 4, at: .milliseconds(1100)).map(\.plain)
        #expect(lines == ["⠙ pro  speaking", "⠙ con  thinking", "─ 1.1 s  47/s"])
    }

    @Test func `where not every agent has a line, the others are counted`() {
        let lines = debate().frame(width: 40, height: 2, at: .milliseconds(1100)).map(\.plain)
        #expect(lines.count == 2 && lines[0] == "… 2 more at work")
    }
}
