internal import OrderedCollections

/// What agents exchange, always through shared memory.
public struct Message: Sendable, Hashable {
    /// Whom a message is for.
    public enum Destination: Sendable, Hashable {
        /// One agent.
        case agent(AgentID)
        /// Whoever was granted the topic.
        case topic(String)
    }

    /// The message's name in its run: the key of the event that posted it.
    public var id: EventKey
    /// The run.
    public var run: RunID
    /// Who posted it.
    public var from: AgentID
    /// Whom it is for.
    public var destination: Destination
    /// What it carries.
    public var kind: MessageKind
    /// The content, as templates read it: a bare value for a parameter, an object for what an agent said.
    ///
    /// A latent message has its handle under `latent`, never the numbers themselves.
    public var payload: JSONValue
    /// The messages it was made from.
    public var causes: [EventKey]
    /// What making it cost the model.
    public var usage: Usage
    /// Whose randomness was drawn on; nil where none was.
    public var seed: SeedPath?
    /// The fingerprint of the model that made it; nil where none did.
    public var modelFingerprint: String?

    /// Creates a message.
    public init(
        id: EventKey, run: RunID, from: AgentID, destination: Destination, kind: MessageKind, payload: JSONValue,
        causes: [EventKey] = [], usage: Usage = Usage(), seed: SeedPath? = nil, modelFingerprint: String? = nil
    ) {
        self.id = id
        self.run = run
        self.from = from
        self.destination = destination
        self.kind = kind
        self.payload = payload
        self.causes = causes
        self.usage = usage
        self.seed = seed
        self.modelFingerprint = modelFingerprint
    }

    /// The handle of a latent message; nil for others.
    public var latent: LatentHandle? { payload["latent"].flatMap { LatentHandle(document: $0) } }
}

extension Message {
    /// The message as an event's payload.
    ///
    /// The run and the posting agent stand in the event itself.
    public var document: JSONValue {
        let (scope, name): (String, String) =
            switch destination {
            case .agent(let agent): ("agent", agent.rawValue)
            case .topic(let topic): ("topic", topic)
            }
        var members: JSONValue.Members = [
            "to": [scope: .string(name)], "kind": .string(kind.rawValue), "content": payload,
        ]
        if !causes.isEmpty { members["causes"] = .array(causes.map { .string($0.description) }) }
        if usage != Usage() { members["usage"] = usage.document }
        if let seed { members["seed"] = .string(seed.description) }
        if let modelFingerprint { members["model"] = .string(modelFingerprint) }
        return .object(members)
    }
}
