internal import OrderedCollections
public import StoaCore

/// Latents that are made of latents.
///
/// Agents of playbooks have this done by the models that read what they hand on; here it is for programs that work with
/// shared memory themselves. A latent is read as any message is, with a grant. What is made of it is a message of its own
/// that says what it was made of, so that the latent can be made again when only the record knows it.
extension SharedMemory {
    /// The name and the place of a message that is to be posted.
    public struct Posting: Sendable, Hashable {
        /// The message's name; new in the run.
        public var id: EventKey
        /// Who posts it, and reads what it is made of.
        public var agent: AgentID
        /// Whom it is for.
        public var destination: Message.Destination

        /// Describes a message.
        ///
        /// - Parameters:
        ///   - id: the message's name; new in the run.
        ///   - agent: who posts it, and reads what it is made of.
        ///   - destination: whom it is for; nil for the topic of the name's node.
        public init(_ id: EventKey, as agent: AgentID, to destination: Message.Destination? = nil) {
            self.id = id
            self.agent = agent
            self.destination = destination ?? .topic(id.effect.node)
        }
    }

    /// Posts a latent again, as a place of its own from which somebody goes on.
    ///
    /// Nothing is copied: latents do not change.
    ///
    /// - Parameters:
    ///   - latent: a message with a latent.
    ///   - posting: the new message.
    /// - Returns: the new message.
    /// - Throws: `MemoryError` for a message that is unknown, not granted, or no latent; `JournalError`.
    public func fork(_ latent: EventKey, _ posting: Posting) async throws -> Message {
        try await derive([latent], posting) { .fork($0[0]) }
    }

    /// Posts one latent behind another.
    ///
    /// - Parameters:
    ///   - first: the message with the latent that stays where it is.
    ///   - second: the message with the latent that moves behind it.
    ///   - posting: the new message.
    /// - Returns: the new message.
    /// - Throws: as `fork`, and `MemoryError` for latents of two models; what the model throws.
    public func append(_ first: EventKey, _ second: EventKey, _ posting: Posting) async throws -> Message {
        try await derive([first, second], posting) { .append($0[0], $0[1]) }
    }

    /// Posts what several latents add to the one that they all continue, behind one another.
    ///
    /// - Parameters:
    ///   - base: the message with the latent that they continue; nil where they stand for themselves.
    ///   - branches: the messages with the latents, at least one, in order.
    ///   - posting: the new message.
    /// - Returns: the new message.
    /// - Throws: as `append`.
    public func merge(base: EventKey?, branches: [EventKey], _ posting: Posting) async throws -> Message {
        let sources = (base.map { [$0] } ?? []) + branches
        guard !branches.isEmpty else {
            throw MemoryError.notLatent(
                "agent \(posting.agent): expected at least one latent to merge, found none", hint: "name some")
        }
        return try await derive(sources, posting) { latents in
            .merge(base: base == nil ? nil : latents[0], branches: Array(latents.suffix(branches.count)))
        }
    }

    /// Posts some rows of a latent, moved together.
    ///
    /// - Parameters:
    ///   - latent: the message with the latent.
    ///   - rows: row numbers, strictly ascending.
    ///   - posting: the new message.
    /// - Returns: the new message.
    /// - Throws: as `append`.
    public func select(_ latent: EventKey, rows: [Int], _ posting: Posting) async throws -> Message {
        try await derive([latent], posting) { .select($0[0], rows: rows) }
    }

    /// Lets go of the numbers behind a latent.
    ///
    /// The message stays; should somebody want the latent after all, it is brought back.
    ///
    /// - Parameters:
    ///   - latent: the message with the latent.
    ///   - agent: who says so; must be granted the message.
    /// - Throws: as `fork`.
    public func release(_ latent: EventKey, as agent: AgentID) async throws {
        await shelf.release(try await latents([latent], as: agent)[0])
    }

    /// Lets go of the numbers behind all latents: at the end.
    public func releaseAll() async { await shelf.close() }

    // MARK: - Inside

    private func derive(
        _ sources: [EventKey], _ posting: Posting, _ recipe: ([LatentHandle]) -> LatentRecipe
    ) async throws -> Message {
        let latents = try await latents(sources, as: posting.agent)
        for latent in latents.dropFirst() where latent.modelFingerprint != latents[0].modelFingerprint {
            throw MemoryError.differentModels(latents[0], latent, agent: posting.agent)
        }
        let recipe = recipe(latents)
        var message = Message(
            id: posting.id, run: run, from: posting.agent, destination: posting.destination, kind: .latent,
            payload: .emptyObject, causes: sources, modelFingerprint: latents[0].modelFingerprint)
        // What is in the record needs not be made to be posted again.
        let recorded = try await recorder.recorded(posting.id).flatMap { Message($0)?.latent }
        let latent: LatentHandle
        if let recorded {
            latent = recorded
            await shelf.note(recorded, madeBy: recipe, of: posting.id)
        } else {
            latent = try await shelf.make(recipe, for: posting.id)
        }
        message.payload = [
            "latent": latent.document, "agent": .string(posting.agent.role), "made": recipe.document,
        ]
        message.payload = message.payload.canonical
        let read = Event(
            key: EventKey(posting.id.effect, .messagesRead, ordinal: posting.id.ordinal), actor: posting.agent,
            payload: ["messages": .array(sources.map { .string($0.description) })], causes: sources)
        try await post([message], before: [read], details: .emptyObject, isDurable: true)
        return message
    }

    /// The latents of messages that somebody may read.
    private func latents(_ ids: [EventKey], as agent: AgentID) async throws -> [LatentHandle] {
        let messages = try await read(ids, as: agent)
        var latents: [LatentHandle] = []
        for message in messages {
            guard let latent = message.latent else {
                throw MemoryError.notLatent(
                    "agent \(agent): expected a latent, found \(message.id)", hint: "name a message with a latent")
            }
            try await shelf.learn(latent, from: message.id)
            latents.append(latent)
        }
        return latents
    }
}
