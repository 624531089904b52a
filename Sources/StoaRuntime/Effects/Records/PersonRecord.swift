internal import StoaCore

/// How a person's word stands in the journal.
enum PersonRecord {
    /// The effect of asking a person, who may have answered since the run stopped to wait.
    static func effect(
        key: EffectKey, actor: AgentID, question: String, choices: [String], isApproval: Bool, world: AgentWorld
    ) -> Effect<String> {
        var content = Content()
        content.set("effect", .string(isApproval ? "approval" : "person"))
        content.set("question", .string(question))
        if !choices.isEmpty { content.set("choices", .array(choices.map { .string($0) })) }
        let (person, decisions) = (world.person, world.decisions)
        return Effect(
            key: key, actor: actor, repetition: .person, intent: content,
            encode: { answer in
                var content = Content()
                content.set("effect", .string(isApproval ? "approval" : "person"))
                content.set("answer", .string(answer))
                return content
            },
            decode: { payload, _ in
                guard let answer = payload["answer"]?.stringValue else {
                    throw JournalError.damaged("\(key): expected a person's answer")
                }
                return answer
            },
            perform: {
                if let answer = decisions[key] { return answer }
                if let answer = try await person?.answer(question, choices: choices) { return answer }
                throw Parked(decision: PendingDecision(effect: key, question: question, isApproval: isApproval))
            })
    }
}
