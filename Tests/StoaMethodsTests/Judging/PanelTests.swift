import OrderedCollections
import StoaCore
import StoaRuntime
import Testing

@testable import StoaMethods

/// What several verdicts come to, and who is asked for it.
@Suite struct PanelTests {
    private enum Say: CaseIterable { case yes, no, unsure }

    private static func verdict(_ say: Say, _ name: String = "v", score: Double? = nil) -> Verdict {
        Verdict(
            isAccepted: say == .yes, score: score ?? (say == .yes ? 1 : 0), evidence: "\(say)", verifier: name,
            isDecided: say != .unsure)
    }

    private static func outcome(_ verdict: Verdict) -> Say {
        verdict.isDecided ? verdict.isAccepted ? .yes : .no : .unsure
    }

    /// What each rule says it does, written down another way.
    private static func expected(_ rule: PanelRule, _ says: [Say]) -> Say {
        let (yes, no) = (says.count { $0 == .yes }, says.count { $0 == .no })
        switch rule {
        case .firstDecided: return says.first { $0 != .unsure } ?? .unsure
        case .all: return no > 0 ? .no : yes == says.count ? .yes : .unsure
        case .any: return yes > 0 ? .yes : no == says.count ? .no : .unsure
        case .majority:
            let quorum = says.count / 2 + 1
            return yes >= quorum ? .yes : says.count - no < quorum ? .no : .unsure
        case .weighted: return yes + no == 0 ? .unsure : 2 * yes > yes + no ? .yes : .no
        }
    }

    @Test(arguments: PanelRule.allCases)
    func `every rule gives what it says for all votes, and stops only where nothing can change`(_ rule: PanelRule) {
        var votes: [[Say]] = [[]]
        for _ in 0..<4 { votes = votes.flatMap { list in Say.allCases.map { list + [$0] } } + votes }
        for says in Set(votes) where !says.isEmpty {
            var count = PanelCount(rule, members: says.count)
            var early: Say?
            for say in says {
                count.add(Self.verdict(say))
                if count.isSettled, early == nil { early = Self.outcome(count.verdict(by: "panel")) }
            }
            let verdict = count.verdict(by: "panel")
            #expect(Self.outcome(verdict) == Self.expected(rule, says), "\(rule): \(says)")
            #expect(early == Self.outcome(verdict), "\(rule): \(says)")
            #expect(verdict.votes.count == says.count)
            #expect(!(verdict.isAccepted && !verdict.isDecided))
        }
    }

    @Test func `whoever decided is named`() {
        func named(_ rule: PanelRule, _ says: [Say]) -> String {
            var count = PanelCount(rule, members: says.count)
            for (index, say) in says.enumerated() { count.add(Self.verdict(say, "v\(index)")) }
            return count.verdict(by: "panel").verifier
        }
        #expect(named(.firstDecided, [.unsure, .no, .yes]) == "v1")
        #expect(named(.all, [.yes, .no, .no]) == "v1")
        #expect(named(.any, [.no, .yes]) == "v1")
        #expect(named(.all, [.yes, .yes]) == "panel")
        #expect(named(.majority, [.yes, .yes, .no]) == "panel")
        #expect(named(.firstDecided, [.unsure]) == "panel")
    }

    @Test func `a quorum and weights are what they say`() {
        var count = PanelCount(.majority, members: 3, quorum: 1)
        count.add(Self.verdict(.yes))
        #expect(count.isSettled)
        #expect(count.verdict(by: "p").isAccepted)
        count = PanelCount(.weighted, members: 3, weights: [3, 1])
        for say in [Say.yes, .no, .no] { count.add(Self.verdict(say)) }
        #expect(count.verdict(by: "p").score == 0.6)
        #expect(count.verdict(by: "p").isAccepted)
        count = PanelCount(.weighted, members: 3, weights: [3, 1], threshold: 0.6)
        for say in [Say.yes, .no, .no] { count.add(Self.verdict(say)) }
        #expect(!count.verdict(by: "p").isAccepted, "at the threshold is not above it")
        count = PanelCount(.weighted, members: 1, weights: [0])
        count.add(Self.verdict(.yes))
        #expect(!count.verdict(by: "p").isDecided)
    }

    // MARK: - The method

    @Test func `members are asked in their order, and nobody too many`() throws {
        var panel = try JudgingInHand(
            Panel.self,
            [
                "text": "\\boxed{4}", "reference": "4", "members": "judge, program second-opinion,rule",
                "program": "print(4)",
            ])
        try panel.judge(false, decided: false)  // rule
        try panel.judge(false, decided: false)  // second opinion: its rule
        try panel.judge(true)  // second opinion: the reference's answer
        #expect(panel.code?.contains("sympy") == true)
        try panel.run(CodeResult(stdout: "{\"verdict\": \"unknown\"}"))
        try panel.judge(true)  // program: the text's answer
        #expect(panel.code == "print(4)")
        try panel.run(CodeResult(status: "exception"))
        #expect(panel.request?.constraint != nil)
        try panel.write(judgement(true))
        #expect(panel.outcome == "accepted")
        let value = try #require(panel.value)
        #expect(value["verifier"] == "judge")
        #expect(
            value["votes"]?.arrayValue?.map { $0["verifier"]?.stringValue }
                == ["equivalent", "second-opinion", "program-check", "judge"])
        #expect(value["code"] == "print(4)")
        #expect(value["judgement"]?["correct"] == true)
        panel = try JudgingInHand(Panel.self, ["text": "4", "reference": "4"])
        try panel.judge(false)
        #expect(panel.outcome == "refused", "a judge is not asked where the rule can tell")
    }

    @Test func `a budget leaves the others out`() throws {
        var panel = try JudgingInHand(Panel.self, ["text": "4", "members": "program, judge", "rule": "any"])
        try panel.judge(true)
        try panel.tell(.limited(exhausted))
        #expect(panel.outcome == "undecided")
        #expect(panel.value?["votes"]?.arrayValue?.count == 1)
    }

    @Test func `verdicts of earlier steps vote, and are enough`() throws {
        let verdicts = JSONValue.array([
            Self.verdict(.yes, "a").document, .null, Self.verdict(.no, "b").document,
            ["passed": true, "verifier": "c"],
        ])
        let panel = try JudgingInHand(
            Panel.self, ["text": "4", "verdicts": .string(verdicts.text), "rule": "majority"])
        #expect(panel.outcome == "accepted")
        #expect(panel.value?["votes"]?.arrayValue?.map { $0["verifier"] } == ["a", "b", "c"])
        for wrong in ["", "{}", "[1]", "[{\"passed\": true}]"] {
            #expect(throws: JudgingError.self) {
                try JudgingInHand(Panel.self, ["text": "4", "verdicts": .string(wrong)])
            }
        }
    }

    @Test(
        arguments: [
            (["members": "rule, jury"], "'members' must name some of rule, second-opinion, program, judge, each once"),
            (["members": "rule rule"], "'members' must name some of rule, second-opinion, program, judge, each once"),
            (["members": ""], "nobody is asked"), (["quorum": 2], "'quorum' has no part in the rule 'first_decided'"),
            (["weights": "1, -1", "rule": "weighted"], "'weights' must be numbers, none below 0"),
            (["check": true], "'check' needs a 'program'"),
        ] as [(JSONValue.Members, String)])
    func `options that make no sense are refused`(_ options: JSONValue.Members, message: String) {
        #expect(Panel.problems(options).map(\.message) == [message])
    }

    @Test func `python is needed where somebody runs it`() {
        #expect(Panel.tools([:]).isEmpty)
        #expect(Panel.tools(["members": "rule, program"]) == ["python"])
        #expect(Panel.tools(["members": "second-opinion"]) == ["python"])
        #expect(Panel.tools(["members": "second-opinion", "tool": "snake"]).isEmpty)
    }
}
