internal import OrderedCollections
public import StoaCore

extension Rollout {
    /// The parameters that hold the right answer, the first that a run has counts.
    public static let referenceParameters = ["reference", "ground_truth", "answer"]

    /// The rollouts of a run: one for each piece of work in which an agent spoke, and more where its calls do not
    /// continue one another.
    ///
    /// A rollout has the reward of the verdict on what its agent said in that step; of the last one where there are
    /// several. Where a step has rollouts that were no part of that, such as a method's questions aside, they have none.
    ///
    /// Determinism: a pure function of its arguments, in the order of the steps' keys.
    ///
    /// - Parameters:
    ///   - transcript: the run.
    ///   - givesAnswer: whether a turn's words give a final answer.
    /// - Returns: the rollouts.
    /// - Throws: `LearningError` where the marks of a call contradict the calls before it.
    public static func rollouts(
        of transcript: RunTranscript, givesAnswer: (String) -> Bool
    ) throws(LearningError) -> [Rollout] {
        let rewards = Self.rewards(in: transcript)
        let said = Dictionary(transcript.messages.map { ($0.id, $0.payload) }, uniquingKeysWith: { first, _ in first })
        let reference = referenceParameters.lazy.compactMap { transcript.parameters[$0].flatMap(Self.text) }.first
        var rollouts: [Rollout] = []
        for step in steps(transcript.effects) {
            guard let name = step.model, let agent = step.key.agent else { continue }
            let identity = transcript.models[name]
            let policy = SamplingPolicy(
                fingerprint: identity?.fingerprint ?? "", name: identity?.name ?? name,
                kernelPath: identity?.kernelPath, precision: transcript.precisions[name])
            let place = "\(step.key)".split(separator: ".").dropLast().joined(separator: ".")
            let message = EventKey(step.key, .messagePosted)
            var own = try Self.rollouts(
                of: step.calls(said[message], givesAnswer), id: "\(transcript.run)/\(place)", policy: policy)
            for index in own.indices {
                own[index].run = transcript.run
                own[index].playbook = transcript.playbook
                own[index].step = place
                own[index].agent = agent.rawValue
                own[index].reference = reference
            }
            if let judged = Self.judged(own, said[message]?["text"]?.stringValue, hasTools: step.hasTools) {
                own[judged].trajectory.reward = rewards[message]
            }
            rollouts += own
        }
        return rollouts
    }

    /// Which of a step's rollouts the agent's words are from; nil where none is.
    private static func judged(_ rollouts: [Rollout], _ said: String?, hasTools: Bool) -> Int? {
        guard let said else { return nil }
        // A tool loop says all that was written, so that its last words end it.
        if hasTools, rollouts.count == 1 { return 0 }
        return rollouts.lastIndex { rollout in
            guard let words = rollout.completion.last?.content else { return false }
            return hasTools ? said.hasSuffix(words) : said == words
        }
    }

    /// The score of the last verdict on each message; of those that could tell.
    private static func rewards(in transcript: RunTranscript) -> [EventKey: Double] {
        var rewards: [EventKey: Double] = [:]
        for message in transcript.messages where message.kind == .verdict && message.payload["decided"] != false {
            guard let score = message.payload["score"]?.doubleValue else { continue }
            for cause in message.causes { rewards[cause] = score }
        }
        return rewards
    }

    /// A parameter's value as text; nil for an empty one, which a playbook takes for none.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .integer, .number: value.text
        default: nil
        }
    }

    // MARK: - Steps

    /// The calls of one piece of work, in the order of their turns.
    private struct Step {
        /// Its name, with the turn 0.
        var key: EffectKey
        var effects: [RecordedEffect] = []

        /// The model that spoke; nil where none did.
        var model: String? {
            for case .model(let name, _, _) in effects.map(\.call) { return name }
            return nil
        }

        /// Whether the model had tools to reason with.
        var hasTools: Bool {
            effects.contains { effect in
                switch effect.call {
                case .tool: true
                case .model(_, let request, _): request.fence != nil || !request.tools.isEmpty
                }
            }
        }

        /// The calls of the model, with what their turns came to where there are tools.
        ///
        /// - Parameters:
        ///   - said: what the agent posted; a tool loop says there whether its last turn was void.
        ///   - givesAnswer: whether a turn's words give a final answer.
        /// - Returns: the calls, in the order of their turns.
        func calls(_ said: JSONValue?, _ givesAnswer: (String) -> Bool) -> [SampledCall] {
            var calls: [SampledCall] = []
            let hasTools = hasTools
            for effect in effects {
                switch effect.call {
                case .model(_, let request, let reply):
                    // Where there was no room for a single token the model had no turn.
                    if reply.finish == .context, reply.tokens.isEmpty, reply.text.isEmpty, let last = calls.indices.last
                    {
                        calls[last].reply.finish = .context
                        continue
                    }
                    let turn = TrajectoryTurn(
                        hasCode: reply.finish == .fence || !reply.toolCalls.isEmpty,
                        hasAnswer: givesAnswer(reply.text))
                    calls.append(SampledCall(request: request, reply: reply, turn: hasTools ? turn : nil))
                case .tool(_, let result):
                    guard let last = calls.indices.last else { continue }
                    calls[last].turn?.hasCode = true
                    // What code gives as the answer is one, however the words of the turn put it.
                    if CodeResult(document: result.value)?.answer != nil { calls[last].turn?.hasAnswer = true }
                }
            }
            guard hasTools, let last = calls.indices.last, let isVoid = said?["void"]?.boolValue else { return calls }
            // The loop knows by which rule it looked for answers.
            if isVoid {
                calls[last].turn = TrajectoryTurn(hasCode: false, hasAnswer: false)
            } else if calls[last].turn?.isVoid == true {
                calls[last].turn?.hasAnswer = true
            }
            return calls
        }
    }

    private static func steps(_ effects: [RecordedEffect]) -> [Step] {
        var steps: [Step] = []
        for effect in effects.sorted(by: { $0.key < $1.key }) {
            var key = effect.key
            key.turn = 0
            if steps.last?.key != key { steps.append(Step(key: key)) }
            steps[steps.count - 1].effects.append(effect)
        }
        return steps
    }
}
