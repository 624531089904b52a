internal import OrderedCollections

extension Message {
    /// Reads the message back from the event that posted it; nil for any other event.
    ///
    /// The seed is left out: the event of the effect has it.
    ///
    /// - Parameter recorded: the event.
    public init?(_ recorded: RecordedEvent) {
        let payload = recorded.event.payload
        guard recorded.event.key.kind == .messagePosted, let to = payload["to"]?.objectValue?.elements.first,
            let kind = payload["kind"]?.stringValue.flatMap(MessageKind.init(rawValue:)),
            let content = payload["content"]
        else { return nil }
        let name = to.value.stringValue ?? ""
        self.init(
            id: recorded.event.key, run: recorded.run, from: recorded.event.actor,
            destination: to.key == "agent" ? .agent(AgentID(name)) : .topic(name), kind: kind, payload: content,
            causes: (payload["causes"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(EventKey.init) },
            usage: payload["usage"].map { Usage(document: $0) } ?? .zero,
            modelFingerprint: payload["model"]?.stringValue)
    }
}
