import OrderedCollections
import StoaCore
import StoaTestSupport
import Testing

@testable import StoaRuntime

/// Lists and objects that the journal keeps once, however often they come by.
@Suite struct LargeValueTests {
    private static func records(_ count: Int) -> JSONValue {
        .array(
            (0..<count).map { ["b": .string("record number \($0)"), "a": .integer(Int64($0)), "c": [1.5, 2, .null]] })
    }

    /// A list that is handed on from call to call, and read by everybody.
    private static func plan(_ count: Int) throws -> Plan {
        let call: JSONValue = [
            "id": "next", "call": "calculator",
            "arguments": ["list": "{{ first.value.list if round == 0 else next.value.list }}", "round": "{{ round }}"],
        ]
        return try Scene.plan(
            steps: [
                ["id": "first", "call": "calculator", "arguments": ["count": .integer(Int64(count))]],
                [
                    "id": "rounds", "max": 4,
                    "repeat": [call, ["id": "kept", "let": ["list": "{{ next.value.list }}", "n": 1]]],
                ],
                ["id": "a", "say": "solver", "prompt": "{{ kept.list[3].b }} of {{ kept.list|length }}"],
            ], output: "{{ a.text }} {{ kept.list[1] }}")
    }

    private static func scene() -> Scene {
        var scene = Scene()
        scene.tools = ScriptedTools { call in
            let list = call.arguments["list"] ?? records(call.arguments["count"]?.intValue ?? 0)
            return ToolResult(status: .ok, value: ["list": list, "round": call.arguments["round"] ?? .null])
        }
        return scene
    }

    @Test func `a list that is handed on is stored once, and every execution sees it`() async throws {
        let plan = try Self.plan(500)
        let scene = Self.scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.answer?.hasSuffix("{'a': 1, 'b': 'record number 1', 'c': [1.5, 2, None]}") == true)
        #expect(scene.model.requests.last?.messages.last?.content == "record number 3 of 500")
        let events = try await scene.journal.events(in: outcome.run, after: 0, limit: .max)
        let bytes = events.reduce(0) { $0 + $1.event.document.canonicalText.utf8.count }
        #expect(bytes < 40_000, "the list alone takes \(Self.records(500).canonicalText.utf8.count)")
        #expect(Set(events.flatMap(\.blobs)).count < 12)
        for mode in [ReplayMode.strict, .recompute, .tools] {
            let report = try await scene.driver.replay(outcome.run, plan: plan, mode: mode)
            #expect(report.isIdentical, "\(mode): \(String(describing: report.firstDivergence))")
        }
        let last = try await scene.journal.lastSequence(in: outcome.run)
        for place in stride(from: 2, through: last, by: 4) {
            let branch = try await scene.driver.fork(
                outcome.run, at: place, plan: plan, parameters: ["question": "why"])
            #expect(branch.answer == outcome.answer, "at \(place)")
        }
        let transcript = try await RunTranscript.read(outcome.run, from: scene.journal)
        let calls = transcript.effects.compactMap { effect -> (ToolCall, ToolResult)? in
            if case .tool(let call, let result) = effect.call { (call, result) } else { nil }
        }
        #expect(calls.count == 5)
        #expect(calls.allSatisfy { $0.1.value["list"]?.canonicalText == Self.records(500).canonicalText })
        #expect(calls.count { $0.0.arguments["list"]?.arrayValue?.count == 500 } == 4)
        var told = 0
        try await Trace(of: outcome.run, in: scene.journal).forEach { _, updates in
            for case .posted(let message) in updates.map(\.change) where message.payload["list"] != nil {
                #expect(message.payload["list"]?.arrayValue?.count == 500)
                told += 1
            }
        }
        #expect(told == 4)
    }

    @Test func `death at every boundary loses nothing of it`() async throws {
        let plan = try Self.plan(300)
        let whole = Self.scene()
        let uninterrupted = try await whole.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let record = try await whole.record(of: uninterrupted.run)
        for appends in 1... {
            let inner = InMemoryJournal()
            var scene = Self.scene()
            scene.journal = CrashingJournal(inner, after: appends)
            let outcome = try? await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
            if outcome?.status == .completed { break }
            var later = Self.scene()
            later.journal = inner
            let run = try #require(try await inner.runs().first?.id)
            #expect(try await later.driver.resume(run, plan: plan).answer == uninterrupted.answer)
            #expect(try await later.record(of: run) == record, "after \(appends) appends")
        }
    }

    @Test func `a record that has everything in its events, as earlier versions wrote it, replays`() async throws {
        let plan = try Self.plan(400)
        let scene = Self.scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let reader = ContentReader(journal: scene.journal, readsNumbers: false)
        let old = InMemoryJournal()
        var record = try await scene.journal.run(outcome.run)
        record.status = .running
        try await old.create(record)
        for event in try await scene.journal.events(in: outcome.run, after: 0, limit: .max) {
            var whole = try await reader.whole(event)
            for digest in event.blobs { whole.event.blobs.append(Blob(try await scene.journal.blob(digest))) }
            try await old.append([whole.event], observation: event.observation, to: outcome.run)
        }
        let bytes = try await old.events(in: outcome.run, after: 0, limit: .max)
            .reduce(0) { $0 + $1.event.document.canonicalText.utf8.count }
        #expect(bytes > 15 * Self.records(400).canonicalText.utf8.count)
        var later = Self.scene()
        later.journal = old
        for mode in [ReplayMode.strict, .recompute, .tools] {
            let report = try await later.driver.replay(outcome.run, plan: plan, mode: mode)
            #expect(report.isIdentical, "\(mode): \(String(describing: report.firstDivergence))")
        }
        #expect(try await later.driver.resume(outcome.run, plan: plan).answer == outcome.answer)
    }

    @Test func `a difference inside of a large list is told by its place`() async throws {
        let plan = try Self.plan(500)
        let scene = Self.scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        var changed = scene
        changed.tools = ScriptedTools { call in
            var list = call.arguments["list"]?.arrayValue ?? Self.records(500).arrayValue ?? []
            if call.arguments["round"]?.intValue == 2 { list[321] = ["b": "other", "a": 321, "c": [1.5, 2, .null]] }
            return ToolResult(status: .ok, value: ["list": .array(list), "round": call.arguments["round"] ?? .null])
        }
        let report = try await changed.driver.replay(outcome.run, plan: plan, mode: .tools)
        let found = try #require(report.firstDivergence)
        #expect(found.path == "next[2]@tools#0.0/effect_completed: result.value.list[321].b")
        #expect(found.recorded == "record number 321" && found.replayed == "other")
    }

    @Test func `what looks like a reference is what it is`() async throws {
        let digest = JSONValue.string(SHA256Digest(hashing: "nothing".utf8).description)
        let lookalike: JSONValue = ["blob": digest, "form": "value", "count": 1]
        let plan = try Scene.plan(
            steps: [
                ["id": "a", "call": "calculator"],
                ["id": "b", "call": "calculator", "arguments": ["x": "{{ a.value }}"]],
            ],
            output: "{{ b.value.x.form }} {{ a.value.inner.count }}")
        var scene = Scene()
        scene.tools = ScriptedTools { call in
            var members = lookalike.objectValue ?? [:]
            if let given = call.arguments["x"] { members = ["x": given] } else { members["inner"] = lookalike }
            return ToolResult(status: .ok, value: .object(members))
        }
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.answer == "value 1")
        for mode in [ReplayMode.strict, .tools] {
            #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: mode).isIdentical)
        }
    }

    @Test(arguments: 0..<200) func `whatever a value is, it comes back whole, and equal values are kept alike`(
        seed: UInt64
    )
        async throws
    {
        let random = RandomStream(seed: seed).child("values")
        var position: UInt64 = 0
        func draw(_ bound: Int) -> Int {
            position += 1
            return random.integer(at: position, below: bound)
        }
        func value(_ depth: Int) -> JSONValue {
            switch draw(depth > 0 ? 9 : 6) {
            case 0: .null
            case 1: .bool(draw(2) == 0)
            case 2: .integer(Int64(draw(1000)))
            case 3: .number(Double(draw(100)) / 2)
            case 4, 5: .string(String(repeating: "x", count: draw(400)))
            case 6, 7: .array((0..<draw(20)).map { _ in value(depth - 1) })
            default:
                .object(
                    JSONValue.Members(
                        (0..<draw(12)).map { ("k\($0 * 7 % 12)", value(depth - 1)) }, uniquingKeysWith: { $1 }))
            }
        }
        let original = value(4)
        var blobs: [Blob] = []
        let kept = LargeValues.replacing(in: original, into: &blobs)
        var again: [Blob] = []
        #expect(LargeValues.replacing(in: original.canonical, into: &again).canonicalText == kept.canonicalText)
        #expect(Set(again) == Set(blobs))
        #expect(blobs.isEmpty != LargeValues.areIn(kept))
        let reader = ContentReader(journal: InMemoryJournal(), readsNumbers: false)
        let whole = try await reader.whole(kept, in: "test", fresh: blobs)
        #expect(whole.canonicalText == original.canonicalText)
    }
}
