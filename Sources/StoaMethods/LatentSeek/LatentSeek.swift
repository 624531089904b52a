public import OrderedCollections
public import StoaCore
public import StoaRuntime

/// LatentSeek: the answer is moved away from what is refused, by policy gradient on the hidden states behind its first
/// tokens, until it is accepted or the iterations are used up.
///
/// Source: LatentSeek (arXiv:2505.13308), algorithm 1 and section 3.3, and its reference code.
///
/// Implemented: the greedy beginning, the steps (by the model, see `LatentOptimiser`), the self-reward by four
/// verification questions with weights, a rule reward, the threshold, the limit of iterations, and the random direction as
/// a control. Not implemented: the format check of the self-reward. Not reproduced: the paper's figures, for want of its
/// models; what a small model's self-reward is worth is measured in the playbook's README.
///
/// Differs from the paper: the answer with the best reward is kept, not the last one; among equals it is the last, as in
/// the reference. A reward of 0 ends the search, whatever the threshold, since it would change nothing.
///
/// The step's value is `{text, reward, rewards, iterations, finish, agent, tokens}`; `reward` is null for an answer that
/// the budget left no room to judge, and `finish` is `limit` where the budget ended the search.
public enum LatentSeek: Method {
    /// `latent_seek`.
    public static let name = "latent_seek"

    /// What it does.
    public static let summary = "moves the hidden states behind an answer's first tokens until the answer is accepted"

    /// The keys of its options.
    public static let fields: [PlanField] = [
        PlanField(
            "reward", .word(Reward.allCases.map(\.rawValue)),
            "who judges: the model itself, or a verifier; absent: self"),
        PlanField("verifier", .verifier, "the verifier that judges: an answer it accepts has reward 0, any other -1"),
        PlanField("reference", .text, "what the answer should come to, for the verifier"),
        PlanField("question", .text, "the problem as those who judge are told it; absent: the prompt"),
        PlanField("iterations", .count(0...1000), "the most steps; absent: 10"),
        PlanField("threshold", .amount(-1...0), "a reward above it ends the search; absent: -0.2"),
        PlanField("fraction", .amount(0...1), "the part of the answer whose states are moved; absent: 0.1"),
        PlanField("learning_rate", .amount(1e-6...100), "the size of a step; absent: 0.03"),
        PlanField(
            "direction", .word(LatentSeeking.Direction.allCases.map(\.rawValue)),
            "what states are moved along; random is a control; absent: gradient"),
    ]

    /// Who judges.
    enum Reward: String, Sendable, CaseIterable {
        /// The model itself, asked four questions.
        case own = "self"
        /// A verifier.
        case verifier
    }

    /// What is wrong with options that are each right by themselves.
    public static func problems(_ options: JSONValue.Members) -> [MethodProblem] {
        let reward = options["reward"]?.stringValue ?? Reward.own.rawValue
        let isComputed = options["reward"] == .null
        if reward == Reward.verifier.rawValue, options["verifier"] == nil {
            return [
                MethodProblem("the reward 'verifier' needs 'verifier'", at: "reward", suggestion: "name a verifier")
            ]
        }
        guard reward == Reward.own.rawValue, !isComputed else { return [] }
        let idle: [String] = ["verifier", "reference"].filter { options[$0] != nil }
        return idle.map { (key: String) in
            MethodProblem(
                "'\(key)' has no part in the reward 'self'", at: key,
                suggestion: "add reward: verifier, or leave it out")
        }
    }

    /// Begins a search.
    public static func makeLogic(_ input: MethodInput) throws -> any MethodLogic { LatentSeekLogic(input) }
}
