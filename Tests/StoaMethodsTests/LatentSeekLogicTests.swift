import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestKit
import Testing

@testable import StoaMethods

/// The decisions of a search, driven by hand.
@Suite struct LatentSeekLogicTests {
    /// Plays a search: answers are numbered, `refused` says what of the answer with a number is refused.
    ///
    /// - Returns: the value, the rewards of the last search, and the actions in short.
    private func play(
        _ options: JSONValue.Members = [:], limitAt: Int = .max,
        _ refused: (Int) -> Set<SelfVerification.Check> = { _ in Set(SelfVerification.Check.allCases) }
    ) throws -> (value: JSONValue.Members, seeking: LatentSeeking, actions: [String]) {
        let request = ModelRequest(messages: [ChatMessage(.user, "P?")], seed: SeedPath(seed: 1), author: "solver")
        var logic = try LatentSeek.makeLogic(MethodInput(request: request, prompt: "P?", options: options))
        var (event, actions, answers, asked) = (MethodEvent.began, [String](), 0, 0)
        var seeking = LatentSeeking()
        while true {
            let action = try logic.step(event)
            if actions.count == limitAt, !action.isFinish {
                event = .limited(LimitReached(limit: "turns", allowed: 1, spent: 1, scope: "run"))
                actions.append("limit")
                continue
            }
            switch action {
            case .seek(let sought, let settings):
                #expect(sought == request)
                #expect(settings.rewards.count == answers)
                seeking = settings
                answers += 1
                asked = 0
                actions.append("seek")
                event = .replied(ModelReply(text: "answer \(answers)", finish: .stop))
            case .ask(let question):
                let check = SelfVerification.Check.allCases[asked]
                #expect(
                    question
                        == SelfVerification.request(
                            check, problem: "P?", solution: "answer \(answers)", author: "solver"))
                asked += 1
                actions.append(check.rawValue)
                let isRefused = refused(answers).contains(check)
                event = .replied(ModelReply(text: isRefused ? "No." : "Yes.", finish: .stop))
            case .judge(let request, let verifier):
                #expect(request.text == "answer \(answers)")
                #expect(request.question == "P?")
                #expect(request.reference == options["reference"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 })
                actions.append(verifier)
                let isRefused = !refused(answers).isEmpty
                event = .judged(Verdict(isAccepted: !isRefused, score: 0, evidence: "", verifier: verifier))
            case .call(let call, _):
                Issue.record("it called \(call.name)")
                event = .returned(ToolResult(status: .failed))
            case .finish(let value): return (value, seeking, actions)
            }
        }
    }

    @Test func `an answer that is accepted at once is not moved`() throws {
        let (value, _, actions) = try play { _ in [] }
        #expect(actions == ["seek", "calculation", "completeness", "answer", "understanding"])
        let expected: JSONValue = [
            "text": "answer 1", "reward": 0, "rewards": [0], "iterations": 0, "finish": "stop",
        ]
        #expect(JSONValue.object(value).canonicalText == expected.canonicalText)
    }

    @Test func `it stops after its iterations, ten where nothing is said`() throws {
        let (value, seeking, _) = try play()
        #expect(value["iterations"] == 10)
        #expect(seeking.rewards == Array(repeating: -1, count: 10))
        #expect(value["text"] == "answer 11", "the last among equals")
        for iterations in [0, 1, 3] {
            let (value, _, actions) = try play(["iterations": .integer(Int64(iterations))])
            #expect(value["iterations"]?.intValue == iterations)
            #expect(actions.count { $0 == "seek" } == iterations + 1)
        }
    }

    @Test func `it stops above the threshold and not at it`() throws {
        // -1/6 is above -0.2, -2/6 is not.
        let stopping = try play { $0 == 3 ? [.answer] : [.calculation] }
        #expect(stopping.value["text"] == "answer 3")
        #expect(stopping.value["iterations"] == 2)
        #expect(stopping.value["reward"]?.doubleValue == -1.0 / 6)
        let exact = try play(["threshold": -0.5, "iterations": 2]) { _ in [.answer, .completeness] }
        #expect(exact.value["iterations"] == 2)
        let looser = try play(["threshold": -0.6]) { _ in [.answer, .completeness] }
        #expect(looser.value["iterations"] == 0)
        // Even where 0 is not above the threshold: a reward of 0 changes nothing.
        #expect(try play(["threshold": 0]) { _ in [] }.value["iterations"] == 0)
    }

    @Test func `the best answer wins, the last among equals`() throws {
        let found = try play(["iterations": 4]) { number in
            [2, 4].contains(number) ? [.calculation] : [.calculation, .completeness]
        }
        #expect(found.value["text"] == "answer 4")
        #expect(found.value["reward"]?.doubleValue == -2.0 / 6)
        #expect(found.value["iterations"] == 4)
        let rewards = found.value["rewards"]?.arrayValue?.compactMap(\.doubleValue)
        let (four, two): (Double, Double) = (-4.0 / 6, -2.0 / 6)
        #expect(rewards == [four, two, four, two, four])
    }

    @Test func `a verifier's word is 0 or -1`() throws {
        let options: JSONValue.Members = ["reward": "verifier", "verifier": "numeric", "reference": "7"]
        let found = try play(options) { $0 < 4 ? [.answer] : [] }
        #expect(found.actions == ["seek", "numeric", "seek", "numeric", "seek", "numeric", "seek", "numeric"])
        #expect(found.value["reward"]?.doubleValue == 0)
        #expect(found.value["text"] == "answer 4")
        #expect(found.seeking.rewards == [-1, -1, -1])
        var empty = options
        empty["reference"] = ""
        #expect(try play(empty) { _ in [] }.value["iterations"] == 0)
    }

    @Test func `those who judge are told the question instead of the prompt`() throws {
        let request = ModelRequest(messages: [], seed: SeedPath(seed: 1))
        var logic = try LatentSeek.makeLogic(
            MethodInput(request: request, prompt: "Solve this: P?", options: ["question": "P?"]))
        _ = try logic.step(.began)
        guard case .ask(let asked) = try logic.step(.replied(ModelReply(text: "7", finish: .stop))) else {
            Issue.record("expected a question")
            return
        }
        #expect(asked.messages.first?.content.hasPrefix("Problem: P?\n\nSolution: 7\n\n") == true)
    }

    @Test func `the settings of the search are the options'`() throws {
        let usual = try play(["iterations": 0]).seeking
        #expect(usual == LatentSeeking())
        let found = try play([
            "iterations": 0, "fraction": 0.5, "learning_rate": 0.25, "direction": "random",
        ]).seeking
        #expect(found == LatentSeeking(fraction: 0.5, learningRate: 0.25, direction: .random))
    }

    @Test(arguments: 1..<15) func `at the end of a budget it finishes with the best that was judged`(_ at: Int) throws {
        let (value, _, actions) = try play(limitAt: at) { $0 == 1 ? [.calculation] : [.calculation, .answer] }
        #expect(actions.count == at + 1 && actions.last == "limit")
        #expect(value["finish"] == "limit")
        #expect(value["text"] == "answer 1")
        let judged = at / 5
        #expect(value["rewards"]?.arrayValue?.count == judged)
        #expect((value["reward"] == .null) == (judged == 0))
        #expect(value["iterations"]?.intValue == max(0, judged - 1))
    }
}

extension MethodAction {
    fileprivate var isFinish: Bool { if case .finish = self { true } else { false } }
}
