internal import OrderedCollections
public import StoaCore

extension Rollout {
    /// Puts the calls of one piece of work together to the trajectories that they are.
    ///
    /// A call that was given the tokens of the one before, and more, continues its trajectory: the last call of a tool
    /// loop has the whole of it in its prompt and its own tokens. A call that was given something else begins another
    /// trajectory, since what it was given is not what was sampled. Log-probabilities come from the calls that sampled
    /// the tokens.
    ///
    /// Determinism: a pure function of the calls. Complexity: linear in the tokens of all prompts.
    ///
    /// - Parameters:
    ///   - calls: the calls, in the order of their turns.
    ///   - id: the name of the first trajectory; the others get `.1`, `.2` and so on behind it.
    ///   - policy: what sampled them.
    /// - Returns: the trajectories, without rewards, and with the digest of their prompts as groups.
    /// - Throws: `LearningError` where the marks of a call contradict the calls before it.
    public static func rollouts(
        of calls: [SampledCall], id: String, policy: SamplingPolicy
    ) throws(LearningError) -> [Rollout] {
        var chains: [[SampledCall]] = []
        for call in calls {
            if let last = chains.last?.last, call.continues(last) {
                chains[chains.count - 1].append(call)
            } else {
                chains.append([call])
            }
        }
        var rollouts: [Rollout] = []
        for (index, chain) in chains.enumerated() {
            rollouts.append(try rollout(of: chain, id: index == 0 ? id : "\(id).\(index)", policy: policy))
        }
        return rollouts
    }

    /// The trajectory of calls that continue one another.
    private static func rollout(
        of chain: [SampledCall], id: String, policy: SamplingPolicy
    ) throws(LearningError) -> Rollout {
        guard let first = chain.first, let last = chain.last else {
            throw LearningError(.inconsistentCalls, "trajectory \(id): expected at least one call")
        }
        // A server may tell the ids of its words and not those of the prompt: half a trajectory is none.
        let hasTokens = chain.allSatisfy { !$0.reply.promptTokens.isEmpty }
        let isKnown = hasTokens && chain.allSatisfy { $0.reply.logProbabilities.count == $0.reply.tokens.count }
        var policy = policy
        policy.temperature = policy.temperature ?? first.request.sampling.temperature
        let trajectory = try Trajectory(
            id: id, group: group(of: first.request.messages),
            tokens: hasTokens ? last.reply.promptTokens + last.reply.tokens : [],
            spans: hasTokens ? try spans(of: chain, last, id: id) : [],
            behaviourLogProbabilities: isKnown ? chain.flatMap { $0.reply.logProbabilities.map(\.logProbability) } : [],
            turns: chain.compactMap(\.turn), finish: last.reply.finish, policy: policy)
        return Rollout(
            trajectory: trajectory, prompt: first.request.messages, completion: completion(of: chain),
            agent: first.request.author)
    }

    /// Where the tokens come from: the model's are those that calls sampled; the others are as the last call says.
    private static func spans(
        of chain: [SampledCall], _ last: SampledCall, id: String
    ) throws(LearningError) -> [TokenSpan] {
        let given = last.reply.promptTokens
        let said = last.reply.promptSpans
        let covered = said.reduce(0) { $0 + $1.count }
        guard said.isEmpty || covered == given.count else {
            throw .lengthMismatch(
                "tokens in the prompt's spans", in: "trajectory \(id)", expected: given.count, found: covered)
        }
        let marked =
            said.isEmpty
            ? Array(repeating: TokenSpan.Origin.prompt, count: given.count)
            : said.flatMap { Array(repeating: $0.origin, count: $0.count) }
        var spans: [TokenSpan] = []
        var end = 0
        for (turn, call) in chain.enumerated() {
            let start = call.reply.promptTokens.count
            for origin in marked[min(end, given.count)..<min(start, given.count)] {
                guard origin != .model else {
                    throw LearningError(
                        .inconsistentCalls,
                        "trajectory \(id): call \(turn) marks tokens as the model's that no call before it sampled",
                        hint: "the calls of a step must all be there, in the order of their turns")
                }
                spans.append(TokenSpan(origin, 1))
            }
            end = start + call.reply.tokens.count
            let own = marked[min(start, given.count)..<min(end, given.count)]
            guard said.isEmpty || own.allSatisfy({ $0 == .model }) else {
                throw LearningError(
                    .inconsistentCalls,
                    "trajectory \(id): the last call marks tokens as given that call \(turn) sampled")
            }
            spans.append(TokenSpan(.model, call.reply.tokens.count))
        }
        return spans
    }

    /// The words behind the prompt.
    private static func completion(of chain: [SampledCall]) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        for (turn, call) in chain.enumerated() {
            if turn > 0 {
                let before = chain[turn - 1].request
                // What stands between a call's own words and the next ones: pieces of one turn, or messages.
                let pieces = call.request.turn.dropFirst(before.turn.count)
                for case .feedback(let text) in pieces { messages.append(ChatMessage(.tool, text)) }
                messages += call.request.messages.dropFirst(before.messages.count).filter { $0.role != .assistant }
            }
            messages.append(ChatMessage(.assistant, call.reply.text, toolCalls: call.reply.toolCalls))
        }
        return messages
    }

    /// The name of the group of all trajectories with a prompt: 16 hexadecimal digits of the conversation's digest.
    ///
    /// - Parameter prompt: the conversation.
    /// - Returns: the name.
    public static func group(of prompt: [ChatMessage]) -> String {
        let text = JSONValue.array(prompt.map(\.document)).canonicalText
        return String(SHA256Digest(hashing: Array(text.utf8)).description.prefix(16))
    }
}
