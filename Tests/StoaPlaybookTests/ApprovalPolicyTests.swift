import OrderedCollections
import StoaRuntime
import Testing

@Suite struct ApprovalPolicyTests {
    @Test(arguments: [
        ("*", "x", true), ("*", "", true), ("", "", true), ("", "x", false), ("http_*", "http_get", true),
        ("http_*", "http", false), ("*_get", "http_get", true), ("a*b*c", "a1b2c", true), ("a*b*c", "abcb", false),
        ("**", "x", true), ("x", "X", false), ("*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ("?", "x", false),
    ])
    func `a star stands for any characters, everything else for itself`(pattern: String, name: String, fits: Bool) {
        #expect((ApprovalPolicy([pattern: .deny]).approval(of: name) == .deny) == fits)
    }

    @Test func `the pattern that says most counts, whatever the order, and of equal ones the strictest`() {
        let rules: [(String, PlanTool.Approval)] = [
            ("*", .deny), ("http_*", .ask), ("http_get", .auto), ("*_get", .deny), ("*get*", .auto),
        ]
        for order in [rules, rules.reversed()] {
            let policy = ApprovalPolicy(OrderedDictionary(uniqueKeysWithValues: order))
            #expect(policy.approval(of: "http_get") == .auto)
            #expect(policy.approval(of: "http_post") == .ask)
            #expect(policy.approval(of: "file_get") == .deny)
            #expect(policy.approval(of: "other") == .deny)
        }
        #expect(ApprovalPolicy(["ab*": .auto, "*ab": .ask]).approval(of: "abab") == .ask)
        #expect(ApprovalPolicy().approval(of: "x") == .auto)
    }

    @Test func `it is read from a text and from JSON`() throws {
        let policy = try #require(ApprovalPolicy(text: "python=ask, http_* = deny,*=auto"))
        #expect(policy.rules == ["python": .ask, "http_*": .deny, "*": .auto])
        #expect(ApprovalPolicy(text: #"{"python":"ask","http_*":"deny","*":"auto"}"#) == policy)
        for text in ["python", "python=maybe", "=ask", "a=ask=b", #"{"a":1}"#] {
            #expect(ApprovalPolicy(text: text) == nil)
        }
        #expect(PlanTool.Approval.auto < .ask && .ask < PlanTool.Approval.deny)
    }
}
