public import StoaCore

/// The blackboard of a run: whatever one agent gives another is posted here and read from here.
///
/// Messages are never changed or removed. A read needs a grant: agents are granted topics, which are the names of
/// parameters and steps. Who was granted what is decided by the playbook alone, so it is the same in every execution.
///
/// Every message is in the run's journal, so only the latest are kept at hand, and older ones are read back when somebody
/// wants them: memory stays the same however long a run is.
public actor SharedMemory {
    nonisolated let run: RunID
    nonisolated let recorder: RunRecorder
    /// Where the latents behind messages are.
    nonisolated let shelf: LatentShelf

    /// The recorder's: every post ends there, and between two actors of one executor there is nothing to hand over.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { recorder.unownedExecutor }

    /// The messages at hand: the latest, and those before them, which are let go of together.
    private var recent: [EventKey: Message] = [:]
    private var older: [EventKey: Message] = [:]
    /// How many messages are at hand at least, where there are so many; at most it is twice as many.
    private static let atHand = 2048
    /// What each role may read; nil for everything.
    private var grants: [String: Set<String>?] = [:]
    private var subscriptions: [String: [Subscription]] = [:]
    private var nextSubscription = 0

    private struct Subscription {
        var id: Int
        var reader: AgentID
        var producer: BoundedChannel<Message>.Producer
    }

    init(run: RunID, recorder: RunRecorder, shelf: LatentShelf) {
        self.run = run
        self.recorder = recorder
        self.shelf = shelf
    }

    /// Creates a memory whose messages go to a journal, for a run that exists there and has no events yet.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - journal: where posts are kept.
    ///   - clock: for the observed part of events.
    ///   - process: this process.
    ///   - models: the models by name, whose latents messages may hold.
    public init(
        run: RunID, journal: any Journal, clock: any TimeSource, process: ProcessIdentity,
        models: [String: any LatentModel] = [:]
    ) {
        self.init(run, journal, clock, process, models, Past(started: clock.wallTime))
    }

    /// Creates a memory for a run that has events: what is posted again under a name that is taken must be the same.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - journal: where posts are kept.
    ///   - clock: for the observed part of events.
    ///   - process: this process.
    ///   - models: the models by name, whose latents messages may hold.
    /// - Returns: the memory; nobody is granted anything yet.
    /// - Throws: `JournalError`.
    public static func resuming(
        _ run: RunID, journal: any Journal, clock: any TimeSource, process: ProcessIdentity,
        models: [String: any LatentModel] = [:]
    ) async throws -> SharedMemory {
        var past = Past(started: clock.wallTime)
        past.end = try await journal.lastSequence(in: run)
        do {
            let beginning = try await RunBeginning.of(run, in: journal)
            (past.seed, past.started, past.generation) = (beginning.seed, beginning.started, beginning.generation)
        } catch let error as JournalError where error.code == .unknownEvent {
            // No driver began it: nothing in it was drawn.
        }
        return SharedMemory(run, journal, clock, process, models, past)
    }

    /// What a run was before.
    private struct Past {
        var end = 0
        var seed: UInt64 = 0
        var generation = 0
        var started: WallTime
    }

    private init(
        _ run: RunID, _ journal: any Journal, _ clock: any TimeSource, _ process: ProcessIdentity,
        _ models: [String: any LatentModel], _ past: Past
    ) {
        let recorder = RunRecorder(
            run: run, mode: .record, journal: journal, clock: clock, process: process, observer: NoObserver(),
            generation: past.generation, recordedEnd: past.end)
        let shelf = LatentShelf(
            recorder: recorder, models: models, scheduler: Scheduler(models: models), seed: past.seed,
            started: past.started)
        self.init(run: run, recorder: recorder, shelf: shelf)
    }

    // MARK: - Grants

    /// Lets an agent read topics, in all its instances.
    ///
    /// A grant covers what the maker of a message had in mind, too, words as well as latents: a latent holds the rows that
    /// it continues, and words that are handed on bring those along which were handed to their maker.
    ///
    /// - Parameters:
    ///   - topics: names of parameters and steps; nil for everything.
    ///   - role: the playbook's name for the agent.
    public func grant(_ topics: [String]?, to role: String) {
        guard let topics else {
            grants[role] = .some(nil)
            return
        }
        if case .some(.none) = grants[role] { return }
        grants[role] = .some((grants[role].flatMap { $0 } ?? []).union(topics))
    }

    /// Takes a grant back; what was read stays read.
    ///
    /// - Parameters:
    ///   - topic: the topic.
    ///   - role: the playbook's name for the agent.
    ///   - topics: all topics there are, which an agent that could read everything keeps but for this one.
    public func revoke(_ topic: String, from role: String, of topics: [String]) {
        let current = grants[role].flatMap { $0 } ?? (grants[role] == nil ? [] : Set(topics))
        grants[role] = .some(current.subtracting([topic]))
    }

    private func mayRead(_ message: Message, _ agent: AgentID) -> Bool {
        if agent == .conductor || agent == message.from { return true }
        switch message.destination {
        case .agent(let receiver): return receiver == agent
        case .topic(let topic):
            guard let granted = grants[agent.role] else { return false }
            return granted?.contains(topic) ?? true
        }
    }

    // MARK: - Posting and reading

    /// Posts a message: durable, then visible.
    ///
    /// - Parameter message: the message; its id must be new in the run.
    /// - Throws: `JournalError`.
    public func post(_ message: Message) async throws {
        try await post([message], before: [], details: .emptyObject, isDurable: true)
    }

    /// Posts messages together with the events that led to them, all or none.
    ///
    /// Payloads are made canonical first, so that who reads a message now sees what a later execution will read back.
    /// What a parent of the run posted under the same name is taken instead.
    func post(
        _ posted: [Message], before: [Event], details: JSONValue, isDurable: Bool? = nil, cause: EventKey? = nil,
        after last: EventKey? = nil
    ) async throws {
        var posted = posted
        for index in posted.indices { posted[index].payload = posted[index].payload.canonical }
        let events = posted.map { $0.event(causes: cause.map { [$0] } ?? $0.causes) }
        let inherited = try await recorder.commit(
            before + events, details: details, isDurable: isDurable, after: last)
        for var message in posted {
            if let content = inherited[message.id]?["content"] {
                message.payload = try await recorder.reader.whole(content, in: "\(message.id)")
            }
            keep(message)
            recorder.observer.observe(RunUpdate(run: run, effect: message.id.effect, change: .posted(message)))
            await deliver(message)
        }
    }

    /// Reads messages.
    ///
    /// - Parameters:
    ///   - ids: the messages.
    ///   - agent: who reads.
    /// - Returns: the messages, in the order asked for.
    /// - Throws: `MemoryError.readDenied` naming agent and message; `.unknownMessage`; `JournalError`.
    public func read(_ ids: [EventKey], as agent: AgentID) async throws -> [Message] {
        var found: [Message] = []
        for id in ids {
            guard let message = try await message(id) else { throw MemoryError.unknownMessage(id) }
            guard mayRead(message, agent) else { throw MemoryError.readDenied(agent, id, message.destination) }
            found.append(message)
        }
        return found
    }

    private func message(_ id: EventKey) async throws -> Message? {
        if let message = recent[id] ?? older[id] { return message }
        guard let message = try await recorder.posted(id) else { return nil }
        keep(message)
        return message
    }

    private func keep(_ message: Message) {
        recent[message.id] = message
        guard recent.count >= Self.atHand else { return }
        older = recent
        recent = [:]
    }

    // MARK: - Subscriptions

    /// Messages of a topic from now on, as they are posted; whoever posts waits while the reader is behind.
    ///
    /// - Parameters:
    ///   - topic: the name of a parameter or step, or of the program's own.
    ///   - agent: who reads; must be granted the topic.
    ///   - capacity: how many messages may wait for the reader.
    /// - Returns: the messages, for one reader; letting go of them ends the subscription.
    /// - Throws: `MemoryError.readDenied`.
    public func subscribe(
        to topic: String, as agent: AgentID, capacity: Int = 64
    ) throws(MemoryError) -> BoundedChannel<Message>.Elements {
        let probe = EventKey(EffectKey(node: topic), .messagePosted)
        guard agent == .conductor || grants[agent.role].map({ $0?.contains(topic) ?? true }) ?? false else {
            throw .readDenied(agent, probe, .topic(topic))
        }
        let (producer, elements) = BoundedChannel<Message>.make(capacity: capacity)
        nextSubscription += 1
        subscriptions[topic, default: []].append(
            Subscription(id: nextSubscription, reader: agent, producer: producer))
        return elements
    }

    /// Ends all subscriptions: readers are given what was posted before, then the end.
    public func finish() {
        for subscription in subscriptions.values.joined() { subscription.producer.finish() }
        subscriptions = [:]
    }

    private func deliver(_ message: Message) async {
        guard case .topic(let topic) = message.destination, let readers = subscriptions[topic] else { return }
        var gone: Set<Int> = []
        for reader in readers {
            var outcome = reader.producer.trySend(message)
            if outcome == .full { outcome = await reader.producer.send(message) }
            if outcome == .closed { gone.insert(reader.id) }
        }
        if !gone.isEmpty { subscriptions[topic]?.removeAll { gone.contains($0.id) } }
    }
}
