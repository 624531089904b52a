import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct SharedMemoryTests: Sendable {
    private let run = RunID("memory")
    private let process = ProcessIdentity(process: 1, startTicks: 1, boot: "test")

    private func memory(_ journal: InMemoryJournal) async throws -> SharedMemory {
        try await journal.create(RunRecord(id: run, playbook: "test", started: WallTime(nanosecondsSinceEpoch: 0)))
        return SharedMemory(run: run, journal: journal, clock: ManualTimeSource(), process: process)
    }

    private func message(_ number: Int, topic: String = "ideas", from: String = "writer") -> Message {
        Message(
            id: EventKey(EffectKey(node: topic, indices: [number], agent: AgentID(from)), .messagePosted), run: run,
            from: AgentID(from), destination: .topic(topic), kind: .text, payload: ["text": .string("idea \(number)")])
    }

    @Test func `a post is in the journal before it can be read`() async throws {
        let journal = InMemoryJournal()
        let memory = try await memory(journal)
        await memory.grant(["ideas"], to: "reader")
        let posted = message(0)
        try await memory.post(posted)
        #expect(try await memory.read([posted.id], as: AgentID("reader")) == [posted])
        let event = try #require(try await journal.event(posted.id, in: run))
        #expect(Message(event) == posted)
        await #expect(throws: JournalError.self, "a message is posted once") { try await memory.post(posted) }
    }

    @Test func `a grant can be given and taken back, for all instances of an agent`() async throws {
        let memory = try await memory(InMemoryJournal())
        let posted = message(0)
        try await memory.post(posted)
        let reader = AgentID(role: "reader", branch: [1, 2])
        let denied = "agent reader/1.2: may not read ideas[0]@writer#0.0/message_posted (topic \"ideas\")"
        let before = await #expect(throws: MemoryError.self) { try await memory.read([posted.id], as: reader) }
        #expect(before?.message == denied)
        await memory.grant(["ideas", "others"], to: "reader")
        #expect(try await memory.read([posted.id], as: reader).count == 1)
        await memory.revoke("ideas", from: "reader", of: ["ideas", "others"])
        let after = await #expect(throws: MemoryError.self) { try await memory.read([posted.id], as: reader) }
        #expect(after?.code == .readDenied)
        await memory.grant(nil, to: "all")
        await memory.revoke("ideas", from: "all", of: ["ideas", "others"])
        await #expect(throws: MemoryError.self) { try await memory.read([posted.id], as: AgentID("all")) }
        #expect(try await memory.read([posted.id], as: AgentID("writer")).count == 1, "who wrote it may read it")
    }

    @Test func `old messages are read back from the journal`() async throws {
        let memory = try await memory(InMemoryJournal())
        for number in 0..<6000 { try await memory.post(message(number)) }
        for number in stride(from: 0, to: 6000, by: 997) {
            #expect(try await memory.read([message(number).id], as: .conductor) == [message(number)])
        }
        let unknown = message(6000).id
        let error = await #expect(throws: MemoryError.self) { try await memory.read([unknown], as: .conductor) }
        #expect(error?.message == "shared memory: there is no message ideas[6000]@writer#0.0/message_posted")
    }

    @Test func `a reader that falls behind makes the writer wait, and loses nothing`() async throws {
        let memory = try await memory(InMemoryJournal())
        await memory.grant(["ideas"], to: "reader")
        let inbox = try await memory.subscribe(to: "ideas", as: AgentID("reader"), capacity: 2)
        let posted = Count()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let ideas = (0..<200).map { message($0) }
            group.addTask {
                for idea in ideas {
                    try await memory.post(idea)
                    posted.value.withLock { $0 += 1 }
                }
                await memory.finish()
            }
            var received = 0
            for try await found in inbox {
                #expect(found == message(received))
                received += 1
                #expect(posted.value.withLock { $0 } <= received + 3)
            }
            #expect(received == 200)
            try await group.waitForAll()
        }
        await #expect(throws: MemoryError.self, "a subscription needs a grant") {
            try await memory.subscribe(to: "ideas", as: AgentID("stranger"))
        }
    }
}

private final class Count: Sendable {
    let value = Guarded(0)
}
