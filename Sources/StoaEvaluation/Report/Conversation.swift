internal import OrderedCollections
public import StoaCore
internal import StoaRuntime

/// What was said in a run, in the order in which it began: for people to read.
public struct Conversation: Sendable, Hashable {
    /// Something that was said or done.
    public enum Entry: Sendable, Hashable {
        /// What an agent was given to read: a message of its prompt.
        case prompt(agent: String, step: String, role: ChatMessage.Role, text: String)
        /// What an agent's model said.
        case reply(agent: String, step: String, text: String, finish: FinishReason, tokens: Int)
        /// What an agent thought without words.
        case thought(agent: String, step: String, steps: Int)
        /// What a tool was asked, and what it said.
        case tool(name: String, arguments: JSONValue, output: String, status: ToolResult.Status)
    }

    /// What was said and done.
    public var entries: [Entry]

    /// Reads a run back.
    ///
    /// A message that an agent was given before is not repeated.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - journal: where it is kept.
    /// - Throws: `JournalError`.
    public init(of run: RunID, in journal: any Journal) async throws {
        let transcript = try await RunTranscript.read(run, from: journal)
        let calls = Dictionary(transcript.effects.map { ($0.key, $0.call) }, uniquingKeysWith: { first, _ in first })
        entries = []
        var given: [String: Set<String>] = [:]
        var sequence = 0
        var begun: [EffectKey] = []
        var thoughts: [EffectKey: Int] = [:]
        while true {
            let events = try await journal.events(in: run, after: sequence, limit: 256)
            guard let last = events.last else { break }
            for recorded in events {
                let (key, payload) = (recorded.event.key, recorded.event.payload)
                if key.kind == .effectIntended { begun.append(key.effect) }
                if key.kind == .effectCompleted, payload["effect"] == "think" {
                    thoughts[key.effect] = Usage(document: payload["usage"] ?? .emptyObject).latentSteps
                }
            }
            sequence = last.sequence
        }
        for key in begun {
            let agent = key.agent?.rawValue ?? ""
            if let steps = thoughts[key] { entries.append(.thought(agent: agent, step: key.node, steps: steps)) }
            switch calls[key] {
            case .model(_, let request, let reply)?:
                for message in request.messages where given[agent, default: []].insert(message.content).inserted {
                    entries.append(.prompt(agent: agent, step: key.node, role: message.role, text: message.content))
                }
                entries.append(
                    .reply(
                        agent: agent, step: key.node, text: reply.text, finish: reply.finish,
                        tokens: reply.usage.decodedTokens))
                given[agent, default: []].insert(reply.text)
            case .tool(let call, let result)?:
                entries.append(
                    .tool(name: call.name, arguments: call.arguments, output: result.output, status: result.status))
            case nil: continue
            }
        }
    }
}
