internal import OrderedCollections
internal import StoaCore

/// What the steps before one hand over to it: latents for its model's memory, and words for its prompt.
struct Handover: Sendable {
    /// The latents, in order.
    private(set) var latents: [LatentHandle] = []
    /// What all of them continue; nil where they stand for themselves.
    private(set) var base: LatentHandle?
    /// The words, each once: whoever passes on words passes on those that were passed to it, as a latent holds the
    /// latents that it continues.
    private(set) var words: [HandedWords] = []

    /// Takes what is handed over from messages.
    ///
    /// - Parameters:
    ///   - turn: the steps that hand something over.
    ///   - messages: what was read, the steps' values among it.
    ///   - agent: who takes it, for errors.
    /// - Throws: `MemoryError` for a value that has neither words nor a latent.
    init(_ turn: Assignment.Turn, _ messages: [Message], agent: String) throws {
        let byID = Dictionary(messages.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        func values(_ step: (name: String, binding: Binding)) throws -> [Message] {
            try step.binding.messages.map { id in
                guard let message = byID[id] else { throw MemoryError.unknownMessage(id) }
                return message
            }
        }
        let base = try turn.base.map(values) ?? []
        guard base.count <= 1 else {
            throw MemoryError.notLatent(
                "agent \(agent): expected one latent as the base, found \(base.count) from step "
                    + "\(turn.base?.name ?? "")", hint: "name one 'think' step")
        }
        for step in turn.after {
            for message in try values(step) { try take(message, of: step.name, agent) }
        }
        if !latents.isEmpty { self.base = base.first?.latent }
        // Where no latent continues the base, it stands for itself.
        if latents.isEmpty, let message = base.first {
            try take(message, of: turn.base?.name ?? "", agent)
        }
    }

    private mutating func take(_ message: Message, of step: String, _ agent: String) throws {
        let channel = message.payload["channel"]?.stringValue
        if let latent = message.latent {
            latents.append(latent)
        } else if channel == ThinkVerb.Channel.none.rawValue {
            return
        } else if let said = HandedWords(message) {
            let before = message.payload[HandedWords.member]?.arrayValue ?? []
            for words in before.compactMap(HandedWords.init(document:)) + [said]
            where !self.words.contains(where: { $0.message == words.message }) {
                self.words.append(words)
            }
        } else {
            throw MemoryError.notLatent(
                "agent \(agent): expected a latent from step \(step), found \(message.id)",
                hint: "`after` names steps that think")
        }
    }

    /// The words as they stand in front of a prompt, in the form of TextMAS, the reference's agents that pass on words.
    ///
    /// Source: LatentMAS (arXiv:2511.20639), the baseline of its reference implementation.
    var text: String { words.map { "[\($0.agent)]:\n\($0.text)\n\n" }.joined() }
}

/// Words that one agent passed on to another.
struct HandedWords: Sendable, Hashable {
    /// The member of a step's value that holds the words which were passed to it.
    static let member = "heard"

    /// The message that said them.
    var message: String
    var agent: String
    var text: String

    /// What a message says; nil for one that says nothing.
    init?(_ message: Message) {
        guard let text = message.payload["text"]?.stringValue, let agent = message.payload["agent"]?.stringValue else {
            return nil
        }
        (self.message, self.agent, self.text) = (message.id.description, agent, text)
    }

    init?(document: JSONValue) {
        guard let message = document["message"]?.stringValue, let agent = document["agent"]?.stringValue,
            let text = document["text"]?.stringValue
        else { return nil }
        (self.message, self.agent, self.text) = (message, agent, text)
    }

    /// `{message, agent, text}`.
    var document: JSONValue {
        ["message": .string(message), "agent": .string(agent), "text": .string(text)]
    }
}
