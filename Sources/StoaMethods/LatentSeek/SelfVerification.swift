internal import StoaCore

/// The four questions by which a model judges an answer of its own, each with a weight.
///
/// The reward is -(the weights of the refusals) / 6. Source: LatentSeek (arXiv:2505.13308), appendix; the words are ours.
struct SelfVerification: Sendable, Hashable {
    /// What is asked about.
    enum Check: String, Sendable, CaseIterable {
        case calculation, completeness, answer, understanding

        /// What a refusal counts.
        var weight: Int {
            switch self {
            case .calculation, .completeness: 2
            case .answer, .understanding: 1
            }
        }

        fileprivate var question: String {
            switch self {
            case .calculation: "Check every calculation in the solution. Is every calculation correct?"
            case .completeness:
                "Compare the solution with the problem. Does the solution answer everything that is asked, with every "
                    + "step it takes?"
            case .answer:
                "Look at the final answer only. Does it follow from the solution, and is it a sensible answer?"
            case .understanding: "Does the solution understand what the problem asks?"
            }
        }
    }

    /// The weights of all questions.
    static let totalWeight = Check.allCases.reduce(0) { $0 + $1.weight }

    /// Asks a question.
    ///
    /// - Parameters:
    ///   - check: what is asked about.
    ///   - problem: the prompt that was answered.
    ///   - solution: the answer.
    ///   - author: who asks.
    /// - Returns: a request for a short greedy reply.
    static func request(_ check: Check, problem: String, solution: String, author: String) -> ModelRequest {
        let text = """
            Problem: \(problem)

            Solution: \(solution)

            \(check.question) Reply with one word, yes or no.
            """
        return ModelRequest(
            messages: [ChatMessage(.user, text)],
            sampling: SamplingParameters(temperature: 0, logProbabilities: 0), maximumTokens: 8,
            seed: SeedPath(seed: 0), author: author)
    }

    /// Whether a reply accepts: the first word in it that says so or says not; a reply without one refuses.
    ///
    /// - Parameter reply: what the model said.
    /// - Returns: whether it accepts.
    static func accepts(_ reply: String) -> Bool {
        var isNegated = false
        for word in reply.lowercased().split(whereSeparator: { !$0.isLetter && $0 != "'" }) {
            switch word {
            case "yes", "true", "correct", "right": return !isNegated
            case "no": return false
            case "false", "incorrect", "wrong": return isNegated
            case "not", "isn't", "doesn't": isNegated = true
            default: break
            }
        }
        return false
    }

    /// The reward of an answer.
    ///
    /// - Parameter refused: the checks that it did not pass.
    /// - Returns: 0 for none, -1 for all.
    static func reward(refused: [Check]) -> Double {
        let weight = refused.reduce(0) { $0 + $1.weight }
        return weight == 0 ? 0 : -Double(weight) / Double(totalWeight)
    }
}
