internal import OrderedCollections
public import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// What the runtime costs around the models: `stoa bench runtime`.
///
/// Models take no time here. Everything else is the real thing: the actors, shared memory, and journals in files.
public struct RuntimeBenchmark: Sendable {
    /// Samples of each figure.
    public var repetitions = 5
    /// A folder for journals, which the caller empties.
    private let folder: String
    private let clock: any TimeSource

    /// Messages of a sample.
    private static let messages = 50_000
    /// Messages that an agent posts before it reads as many.
    private static let burst = 16
    /// Agents of a sample.
    private static let agents = 10_000
    /// Events of a durable sample, and how many callers append them.
    private static let events = 20_000
    private static let writers = 64
    /// Model calls of a sample.
    private static let calls = 500
    /// Rounds of the run that is replayed: five events each.
    private static let rounds = 10_000

    /// Creates a benchmark.
    ///
    /// - Parameters:
    ///   - folder: an empty folder on the disk whose journals are to be measured.
    ///   - clock: what time is measured with.
    public init(folder: String, clock: any TimeSource) {
        self.folder = folder
        self.clock = clock
    }

    /// Measures everything.
    ///
    /// - Parameter progress: told what is being measured.
    /// - Returns: the benchmark document of the command-line contract.
    /// - Throws: `JournalError`, or `CancellationError`.
    public func run(progress: @Sendable (String) -> Void) async throws -> JSONValue {
        progress("agents that live")
        // First, while the process is small: memory that was freed is not given back.
        let (bytes, live) = try await liveAgents()
        progress("messages through shared memory")
        let messages = try await sampled { _ in try await messagesPerSecond() }
        progress("durable events")
        let durable = try await sampled { try await durableEvents("durable-\($0)", .full) }
        progress("durable events, without waiting for the disk")
        let flushed = try await sampled { try await durableEvents("flushed-\($0)", .normal) }
        progress("the cost of a call")
        let overhead = try await sampled { try await overheadPerCall("overhead-\($0)", .normal) }
        let synchronised = try await sampled { try await overheadPerCall("synchronised-\($0)", .full) }
        progress("replay")
        let (replay, events) = try await replayRate()
        let document: JSONValue.Members = [
            "machine": MachineDescription(threads: 1).document, "model": .null,
            "repetitions": .integer(Int64(repetitions)), "messages_per_second": messages.document,
            "live_agents": .integer(Int64(live)), "bytes_per_agent": bytes.document,
            "durable_events_per_second": durable.document, "unsynchronised_events_per_second": flushed.document,
            "overhead_ms_per_call": overhead.document, "synchronised_overhead_ms_per_call": synchronised.document,
            "replay_events_per_second": replay.document,
            "replayed_events": .integer(Int64(events)), "peak_rss_mb": .number(MachineDescription.peakResidentMB),
        ]
        return .object(document)
    }

    private func sampled(_ sample: (Int) async throws -> Double) async throws -> Measurement {
        _ = try await sample(0)
        var samples: [Double] = []
        for index in 1...repetitions {
            try Task.checkCancellation()
            samples.append(try await sample(index))
        }
        return Measurement(samples)
    }

    private func seconds(_ operation: () async throws -> Void) async rethrows -> Double {
        let start = clock.now
        try await operation()
        return (clock.now - start) / .seconds(1)
    }

    // MARK: - Messages

    /// Four agents, each posting bursts to a topic that the next one reads, with the journal in memory.
    private func messagesPerSecond() async throws -> Double {
        let run = RunID("bench")
        let journal = InMemoryJournal()
        try await journal.create(RunRecord(id: run, playbook: "bench", started: clock.wallTime))
        let memory = SharedMemory(run: run, journal: journal, clock: clock, process: Self.process)
        let ring = 4
        var inboxes: [BoundedChannel<Message>.Elements] = []
        for index in 0..<ring {
            await memory.grant(["topic\(index)"], to: "agent\(index)")
            inboxes.append(try await memory.subscribe(to: "topic\(index)", as: AgentID("agent\(index)")))
        }
        let each = Self.messages / ring
        let elapsed = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, inbox) in inboxes.enumerated() {
                    group.addTask {
                        let next = (index + 1) % ring
                        try await Self.relay(inbox, through: memory, run, from: index, to: next, count: each)
                    }
                }
                try await group.waitForAll()
            }
        }
        await memory.finish()
        return Double(ring * each) / elapsed
    }

    private static func relay(
        _ inbox: BoundedChannel<Message>.Elements, through memory: SharedMemory, _ run: RunID, from index: Int,
        to next: Int, count: Int
    ) async throws {
        let agent = AgentID("agent\(index)")
        var received = inbox.makeAsyncIterator()
        for start in stride(from: 0, to: count, by: burst) {
            let numbers = start..<min(start + burst, count)
            for number in numbers {
                let key = EffectKey(node: "topic\(next)", indices: [number], agent: agent)
                try await memory.post(
                    Message(
                        id: EventKey(key, .messagePosted), run: run, from: agent, destination: .topic("topic\(next)"),
                        kind: .text, payload: ["text": "a message of some length, as an agent may say it"]))
            }
            for _ in numbers { _ = try await received.next() }
        }
    }

    // MARK: - Agents

    /// Resident memory per agent while all of them have a call under way: one sample, since memory that was freed stays
    /// with the process and would be counted for nobody.
    private func liveAgents() async throws -> (Measurement, Int) {
        let model = InstantModel(concurrency: Self.agents, isOpen: false)
        let plan = try plan(
            steps: [
                [
                    "id": "all", "for_each": .string("range(\(Self.agents))"), "as": "i", "parallel": true,
                    "do": [["id": "one", "say": "worker", "prompt": "{{ i }}"]],
                ]
            ])
        let before = MachineDescription.residentMB
        let driver = driver(InMemoryJournal(), model)
        async let outcome = driver.run(plan, parameters: ["question": "why"], seed: 1)
        await model.waitForCalls(Self.agents)
        let after = MachineDescription.residentMB
        model.open()
        _ = try await outcome
        return (Measurement([(after - before) * 1_048_576 / Double(Self.agents)]), Self.agents)
    }

    // MARK: - Journals

    private func durableEvents(
        _ name: String, _ synchronisation: SQLiteJournal.Options.Synchronisation
    ) async throws -> Double {
        let journal = try SQLiteJournal(
            path: "\(folder)/\(name).sqlite", options: SQLiteJournal.Options(synchronisation: synchronisation))
        let run = RunID("bench")
        try await journal.create(RunRecord(id: run, playbook: "bench", started: clock.wallTime))
        let each = Self.events / Self.writers
        let observation = Observation(time: clock.wallTime, process: 1)
        let elapsed = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<Self.writers {
                    group.addTask {
                        for number in 0..<each {
                            let key = EffectKey(node: "writer\(writer)", indices: [number])
                            let event = Event(
                                key: EventKey(key, .messagePosted), actor: AgentID("writer\(writer)"),
                                payload: ["content": ["text": "a message of some length, as an agent may say it"]])
                            try await journal.append([event], observation: observation, to: run)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await journal.close()
        return Double(each * Self.writers) / elapsed
    }

    /// Milliseconds that the runtime adds to a model call, reading, journaling and posting included.
    private func overheadPerCall(
        _ name: String, _ synchronisation: SQLiteJournal.Options.Synchronisation
    ) async throws -> Double {
        let journal = try SQLiteJournal(
            path: "\(folder)/\(name).sqlite", options: SQLiteJournal.Options(synchronisation: synchronisation))
        let plan = try plan(
            steps: [
                ["id": "rounds", "repeat": [["id": "one", "say": "worker"]], "max": .integer(Int64(Self.calls))]
            ])
        let driver = driver(journal, InstantModel())
        let elapsed = try await seconds {
            _ = try await driver.run(plan, parameters: ["question": "why"], seed: 1)
        }
        try await journal.close()
        return elapsed * 1000 / Double(Self.calls)
    }

    /// Strict replay of a long run from a file.
    private func replayRate() async throws -> (Measurement, events: Int) {
        let journal = try SQLiteJournal(
            path: "\(folder)/replay.sqlite", options: SQLiteJournal.Options(synchronisation: .normal))
        let plan = try plan(
            steps: [
                [
                    "id": "twice", "for_each": "range(2)", "as": "i",
                    "do": [
                        [
                            "id": "rounds", "repeat": [["id": "one", "say": "worker", "prompt": "{{ question }}"]],
                            "max": .integer(Int64(Self.rounds)),
                        ]
                    ],
                ]
            ])
        let driver = driver(journal, InstantModel())
        let run = try await driver.run(plan, parameters: ["question": "why"], seed: 1).run
        var events = 0
        let rate = try await sampled { _ in
            var found = 0
            let elapsed = try await seconds {
                let report = try await driver.replay(run, plan: plan, mode: .strict)
                found = report.isIdentical ? report.events : 0
            }
            events = found
            return Double(found) / elapsed
        }
        try await journal.close()
        return (rate, events)
    }

    // MARK: - Setup

    private static let process = ProcessIdentity(process: 1, startTicks: 1, boot: "bench")

    private func driver(_ journal: any Journal, _ model: InstantModel) -> RunDriver {
        RunDriver(
            RunSetup(
                journal: journal, models: ["default": model], tools: NoTools(), verifiers: [:], clock: clock,
                identifiers: CountingIdentifiers(), process: Self.process))
    }

    private func plan(steps: JSONValue) throws -> Plan {
        try Plan(
            document: [
                "stoa": 1, "name": "bench", "description": "a measurement",
                "parameters": ["question": ["type": "string"]],
                "agents": ["worker": ["prompt": "Answer {{ question }}"]], "steps": steps, "output": "{{ question }}",
            ], environment: PlanEnvironment(verifiers: [], choiceRules: [], builtinTools: []))
    }
}
