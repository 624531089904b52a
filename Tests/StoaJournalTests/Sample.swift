import OrderedCollections
import StoaCore
import StoaJournal
import StoaTestKit

/// Runs with events, contents and forks, drawn from a seed.
enum Sample {
    static func key(_ number: Int, _ kind: EventKind = .messagePosted) -> EventKey {
        EventKey(EffectKey(node: "step", indices: [number], agent: AgentID("solver")), kind)
    }

    static func event(_ number: Int, payload: JSONValue = .emptyObject) -> Event {
        Event(key: key(number), actor: AgentID("solver"), payload: payload)
    }

    static let observation = Observation(time: WallTime(nanosecondsSinceEpoch: 1_700_000_000_000_000_000), process: 42)

    static func record(_ name: String, parent: RunRecord.Fork? = nil) -> RunRecord {
        RunRecord(
            id: RunID(name), playbook: "debate", started: WallTime(nanosecondsSinceEpoch: 1_700_000_000_000_000_000),
            parent: parent)
    }

    /// A run named `aaaa` with so many plain events.
    @discardableResult
    static func run(_ name: String = "aaaa", events count: Int, in journal: some Journal) async throws -> RunID {
        try await journal.create(record(name))
        if count > 0 {
            try await journal.append((1...count).map { event($0) }, observation: observation, to: RunID(name))
        }
        return RunID(name)
    }

    /// Some runs, the first of them with events; forks among them.
    static func fill(_ journal: some Journal, seed: UInt64) async throws -> [RunID] {
        var random = SplitMix(seed: seed)
        var runs: [(id: RunID, last: Int)] = []
        var contents: [Blob] = []
        for number in 0..<Int.random(in: 1...6, using: &random) {
            var record = RunRecord(
                id: RunID(bits: random.next()), playbook: "play \(number)",
                started: WallTime(nanosecondsSinceEpoch: Int64.random(in: 0...1_000_000_000_000, using: &random)),
                status: RunStatus.allCases.randomElement(using: &random) ?? .running,
                answer: Bool.random(using: &random) ? "\u{1F600} 4\"2\n\(number)" : nil)
            if Bool.random(using: &random) {
                record.owner = ProcessIdentity(process: 1 << 22, startTicks: random.next(), boot: "boot \(number)")
            }
            let parents = runs.filter { $0.last > 0 }
            if let parent = parents.randomElement(using: &random), Bool.random(using: &random) {
                record.parent = RunRecord.Fork(
                    run: parent.id, sequence: Int.random(in: 1...parent.last, using: &random))
            }
            try await journal.create(record)
            var last = record.parent?.sequence ?? 0
            for batch in 0..<Int.random(in: runs.isEmpty ? 1...5 : 0...5, using: &random) {
                let events = (0..<Int.random(in: 1...6, using: &random)).map { place in
                    event(number * 1000 + batch * 10 + place, &contents, &random)
                }
                let details: JSONValue = ["seconds": .number(Double(random.next() % 1000) / 8)]
                let observation = Observation(
                    time: WallTime(nanosecondsSinceEpoch: Int64(truncatingIfNeeded: random.next())), process: batch,
                    details: details)
                try await journal.append(events, observation: observation, to: record.id)
                last += events.count
            }
            runs.append((record.id, last))
        }
        return runs.map(\.id)
    }

    private static func event(_ number: Int, _ contents: inout [Blob], _ random: inout SplitMix) -> Event {
        var event = event(number, payload: payload(depth: 3, &random))
        event.isObservation = random.next() % 8 == 0
        event.causes = (0..<Int(random.next() % 3)).map { key($0, .effectCompleted) }
        for _ in 0..<Int(random.next() % 3) {
            if let known = contents.randomElement(using: &random), Bool.random(using: &random) {
                event.blobs.append(known)
            } else {
                let count = Int.random(in: 0...100, using: &random)
                event.blobs.append(Blob((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }))
                contents += event.blobs.suffix(1)
            }
        }
        return event
    }

    private static func payload(depth: Int, _ random: inout SplitMix) -> JSONValue {
        switch random.next() % (depth > 0 ? 6 : 4) {
        case 0: return .integer(Int64(truncatingIfNeeded: random.next()))
        case 1: return .number(Double(Int64(truncatingIfNeeded: random.next())) / 1024)
        case 2:
            return .string(["", "\"\\\n\u{0}", "e\u{301}\u{FFFF}", "\u{1F600}"].randomElement(using: &random) ?? "")
        case 3: return Bool.random(using: &random) ? .null : true
        case 4: return .array((0..<Int(random.next() % 4)).map { _ in payload(depth: depth - 1, &random) })
        default:
            var members = JSONValue.Members()
            for number in 0..<Int(random.next() % 4) {
                members["\(number)\("z\u{E9}\"".prefix(Int(random.next() % 4)))"] = payload(depth: depth - 1, &random)
            }
            return .object(members)
        }
    }
}
