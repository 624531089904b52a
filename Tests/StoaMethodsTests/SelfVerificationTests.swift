import StoaCore
import StoaTestKit
import Testing

@testable import StoaMethods

/// What a model's words about its own answer are taken for.
@Suite struct SelfVerificationTests {
    @Test(arguments: [
        ("Yes", true), ("yes.", true), ("**Yes**, it is", true), ("Yes, but not every step", true), ("True", true),
        ("The solution is correct.", true), ("That's right!", true), ("It is not wrong", true), ("\n YES\n", true),
        ("No", false), ("no!", false), ("No, it is correct", false), ("False", false), ("Incorrect", false),
        ("The solution is incorrect.", false), ("It is not correct.", false), ("It isn't right", false),
        ("wrong", false), ("It doesn't look right, yes", false), ("", false), ("42", false), ("Maybe", false),
        ("yesterday", false), ("nothing", false), ("eyes", false),
    ])
    func `the first word that says so or says not decides, and silence refuses`(_ reply: String, accepted: Bool) {
        #expect(SelfVerification.accepts(reply) == accepted)
    }

    @Test func `the reward is the weight of what is refused`() {
        typealias Check = SelfVerification.Check
        #expect(SelfVerification.totalWeight == 6)
        #expect(Check.allCases.map(\.weight) == [2, 2, 1, 1])
        #expect(SelfVerification.reward(refused: []).sign == .plus)
        #expect(SelfVerification.reward(refused: []) == 0)
        #expect(SelfVerification.reward(refused: Check.allCases) == -1)
        #expect(SelfVerification.reward(refused: [.calculation]) == -2.0 / 6)
        #expect(SelfVerification.reward(refused: [.answer]) == -1.0 / 6)
        #expect(SelfVerification.reward(refused: [.answer, .completeness]) == -3.0 / 6)
    }

    @Test func `a question is short and greedy, and holds problem and solution`() {
        let request = SelfVerification.request(.calculation, problem: "P?", solution: "S.", author: "solver")
        #expect(request.sampling.temperature == 0)
        #expect(request.maximumTokens == 8)
        #expect(request.author == "solver")
        #expect(
            request.messages == [
                ChatMessage(
                    .user,
                    """
                    Problem: P?

                    Solution: S.

                    Check every calculation in the solution. Is every calculation correct? Reply with one word, yes or no.
                    """)
            ])
        let questions = SelfVerification.Check.allCases.map {
            SelfVerification.request($0, problem: "", solution: "", author: "").messages
        }
        #expect(Set(questions).count == 4)
    }
}
