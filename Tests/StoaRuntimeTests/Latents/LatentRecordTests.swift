import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct LatentRecordTests {
    private func run(_ steps: JSONValue, agents: JSONValue? = nil) async throws -> (Scene, RunOutcome) {
        let scene = Scene()
        let outcome = try await scene.driver.run(
            Scene.plan(steps: steps, agents: agents), parameters: ["question": "why"], seed: 5)
        #expect(outcome.failure?.message == nil)
        return (scene, outcome)
    }

    @Test func `an intent says how is thought, and leaves out what is usual`() async throws {
        let (scene, outcome) = try await run([
            ["id": "plain", "think": "solver"],
            [
                "id": "rich", "think": "solver", "latent_steps": 4, "trace": true,
                "feedback": ["kind": "soft", "temperature": 0.5, "noise": 0.25],
                "halt": ["entropy_below": 0.5, "entropy_above": "2 * 2", "end_of_turn": true, "cycle": 0.999],
            ],
        ])
        let plain = try await scene.payload("plain@solver#0.0/effect_intended", of: outcome.run)
        #expect(plain?["thinking"] == ["steps": 20])
        #expect(plain?["seed"] == "5/plain/solver/0/0")
        for key in ["context", "base", "recall", "past_rows", "keeps_latent", "ignores_end_of_turn", "latent_steps"] {
            #expect(plain?[key] == nil, "\(key)")
        }
        let rich = try await scene.payload("rich@solver#0.0/effect_intended", of: outcome.run)
        #expect(
            rich?["thinking"].flatMap { Thinking(document: $0) }
                == Thinking(
                    steps: 4, feedback: .soft(temperature: 0.5, noise: 0.25),
                    halting: LatentHalting(entropyBelow: 0.5, entropyAbove: 4, atEndOfTurn: true, cycleCosine: 0.999),
                    isTraced: true))
        #expect(scene.model.requests.map(\.seed.description) == ["5/plain/solver/0/0", "5/rich/solver/0/0"])
    }

    @Test func `a result keeps why it ended, what was traced, and the vectors bit by bit`() async throws {
        let (scene, outcome) = try await run([
            [
                "id": "idea", "think": "solver", "latent_steps": 9, "trace": true, "feedback": "w_a",
                "halt": ["cycle": 0.9],
            ], ["id": "plain", "think": "solver", "latent_steps": 2],
        ])
        let result = try #require(try await scene.payload("idea@solver#0.0/effect_completed", of: outcome.run))
        let again = try await ScriptedModel().think(
            scene.model.requests[0],
            Thinking(
                steps: 9, feedback: .alignment, halting: LatentHalting(cycleCosine: 0.9), isTraced: true)
        ) { _ in }
        #expect(result["halt"]?.stringValue == again.halt.rawValue)
        #expect(result["alignment"]?.stringValue == again.alignment?.description)
        #expect(result["latent"].flatMap { LatentHandle(document: $0) } == again.latent)
        let value = try await scene.payload("idea@solver#0.0/message_posted", of: outcome.run)?["content"]
        #expect(value?["halt"] == result["halt"])
        #expect(value?["steps"] == result["usage"]?["latent_steps"])

        func blob(_ key: String) async throws -> [UInt8] {
            let digest = try #require(result[key]?["blob"]?.stringValue.flatMap(SHA256Digest.init(hexadecimal:)))
            return try await scene.journal.blob(digest)
        }
        let traces = try JSONParser.parse(try await blob("trace")).arrayValue?.map { LatentStepTrace(document: $0) }
        #expect(traces == again.trace)
        #expect(!again.trace.isEmpty, "the draw of this seed takes a step")
        let bytes = again.vectors.flatMap { $0 }.flatMap { float in
            (0..<4).map { UInt8(truncatingIfNeeded: float.bitPattern >> (8 * UInt32($0))) }
        }
        #expect(try await blob("vectors") == bytes)
        #expect(result["vectors"]?["count"] == .integer(Int64(again.vectors.count)))
        let plain = try await scene.payload("plain@solver#0.0/effect_completed", of: outcome.run)
        #expect(plain?["halt"] == "steps")
        for key in ["trace", "vectors", "alignment", "bytes"] { #expect(plain?[key] == nil, "\(key)") }
    }

    @Test func `whoever has latents in mind says of how many rows, and which of them it recalls`() async throws {
        let (scene, outcome) = try await run([
            ["id": "base", "think": "solver", "latent_steps": 0, "prompt": "12345"],
            ["id": "one", "think": "solver", "latent_steps": 3, "prompt": "12", "after": "base"],
            ["id": "two", "think": "solver", "latent_steps": 4, "prompt": "123", "after": "base", "recall": "own"],
            [
                "id": "judge", "say": "critic", "after": ["one", "two"], "base": "base", "latent": true,
                "recall": [
                    "rows": "latents", "authors": ["solver"], "sink": "1 + 1", "positions": "keep",
                    "prune": ["by": "attention", "fraction": 0.5, "least": 3, "strategy": "bottom"],
                ],
            ],
            ["id": "other", "say": "critic", "after": ["one", "two"]],
        ])
        // The solver's instructions have ten rows; so base has 15, and the others add 15 and 17.
        let one = try await scene.payload("one@solver#0.0/effect_intended", of: outcome.run)
        #expect(one?["past_rows"] == 15)
        #expect(one?["recall"] == nil)
        let two = try await scene.payload("two@solver#0.0/effect_intended", of: outcome.run)
        #expect(two?["recall"].flatMap { LatentRecall(document: $0) } == LatentRecall(rows: .own))
        let judge = try #require(try await scene.payload("judge@critic#0.0/effect_intended", of: outcome.run))
        #expect(judge["past_rows"] == 47, "the base counts once")
        #expect(judge["keeps_latent"] == true)
        #expect(judge["base"].flatMap { LatentHandle(document: $0) } == scene.model.requests[1].context[0])
        let recall = LatentRecall(
            rows: .latents, authors: ["solver"],
            pruning: LatentPruning(score: .attention, fraction: 0.5, least: 3, strategy: .bottom), sink: 2,
            positions: .keep)
        #expect(judge["recall"].flatMap { LatentRecall(document: $0) } == recall)
        #expect(scene.model.requests[3].recall == recall)
        let other = try await scene.payload("other@critic#0.0/effect_intended", of: outcome.run)
        #expect(other?["past_rows"] == 62)
        #expect(other?["keeps_latent"] == nil)
    }

    @Test func `text agents hand over their cache`() async throws {
        let (scene, outcome) = try await run([
            ["id": "first", "say": "solver", "latent": true, "max_tokens": 6],
            ["id": "second", "think": "solver", "latent_steps": 2, "after": "first"],
            ["id": "words", "say": "maker", "latent": "{{ question == 'no' }}"],
            ["id": "last", "say": "critic", "after": ["second", "words"]],
        ])
        let value = try await scene.payload("first@solver#0.0/message_posted", of: outcome.run)?["content"]
        #expect(value?["text"]?.stringValue?.unicodeScalars.count == 6)
        let latent = try #require(value?["latent"].flatMap { LatentHandle(document: $0) })
        #expect(latent.segments.last == LatentHandle.Segment(author: "solver", origin: "text", rows: 6))
        #expect(scene.model.requests[1].context == [latent])
        #expect(scene.model.requests[3].context.count == 1)
        #expect(scene.model.requests[3].messages.last?.content.hasPrefix("[maker]:\nw") == true, "no latent: words")
        #expect(scene.model.heldLatents == 0)
    }

    @Test func `a latent is read with a grant, as anything is`() async throws {
        let scene = Scene()
        var plan = try Scene.plan(steps: [
            ["id": "idea", "think": "solver", "latent_steps": 1], ["id": "a", "say": "critic", "after": "idea"],
        ])
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let read = try await scene.payload("a@critic#0.0/messages_read", of: outcome.run)
        #expect(read?["messages"] == ["question#0.0/message_posted", "idea@solver#0.0/message_posted"])
        plan.agents["critic"]?.reads = ["question"]
        let denied = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(
            denied.failure?.message == "agent critic: may not read idea@solver#0.0/message_posted (topic \"idea\")")
        #expect(scene.model.requests.count == 3, "the critic's model is not asked")
    }

    @Test(arguments: ["latent", "text", "spoken", "none"])
    func `what a run says it spent is what its events add up to`(channel: String) async throws {
        for plan in [try Playbooks.latents(), try Playbooks.everything(), try chain(channel)] {
            let scene = Scene()
            let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
            #expect(outcome.failure?.message == nil)
            let record = try await scene.record(of: outcome.run)
            let results = record.filter { $0.key.kind == .effectCompleted && $0.payload["usage"] != nil }
            let counted = results.reduce(Usage.zero) { $0 + Usage(document: $1.payload["usage"] ?? .null) }
            #expect(outcome.spending.usage == counted)
            #expect(outcome.spending.turns == results.count)
            let posted = record.filter { $0.key.kind == .messagePosted }
                .reduce(Usage.zero) { $0 + Usage(document: $1.payload["usage"] ?? .emptyObject) }
            #expect(posted == counted, "every call's cost is on the message that it led to")
            for report in outcome.agents {
                let own = results.filter { $0.actor.role == report.agent }
                    .reduce(Usage.zero) { $0 + Usage(document: $1.payload["usage"] ?? .null) }
                #expect(report.spending.usage == own, "\(report.agent)")
            }
            for result in results where result.payload["latent"] != nil {
                let latent = result.payload["latent"].flatMap { LatentHandle(document: $0) }
                let usage = Usage(document: result.payload["usage"] ?? .null)
                let own = latent.map { $0.rows - $0.contextRows }
                #expect(own == usage.prefillTokens + usage.latentSteps + usage.decodedTokens)
            }
        }
    }

    private func chain(_ channel: String) throws -> Plan {
        try Scene.plan(steps: [
            ["id": "idea", "think": "solver", "latent_steps": 3, "channel": .string(channel)],
            ["id": "verdict", "say": "critic", "after": "idea"],
        ])
    }

    @Test func `an older record of a thought is read, and its latent made again`() async throws {
        let (scene, outcome) = try await run([["id": "idea", "think": "solver", "latent_steps": 2]])
        // What earlier versions wrote: the number of steps alone, no seed, no reason to end.
        let old = InMemoryJournal()
        try await old.create(try await scene.journal.run(outcome.run))
        for recorded in try await scene.journal.events(in: outcome.run, after: 0, limit: .max) {
            var event = recorded.event
            for digest in recorded.blobs { event.blobs.append(Blob(try await scene.journal.blob(digest))) }
            guard case .object(var members) = event.payload else { continue }
            if event.key.kind == .effectIntended {
                (members["thinking"], members["seed"], members["latent_steps"]) = (nil, nil, 2)
            }
            if event.key.kind == .effectCompleted { members["halt"] = nil }
            event.payload = .object(members)
            try await old.append([event], observation: recorded.observation, to: outcome.run)
        }
        let model = ScriptedModel()
        let memory = try await SharedMemory.resuming(
            outcome.run, journal: old, clock: ManualTimeSource(), process: scene.process, models: ["default": model])
        let idea = try #require(EventKey("idea@solver#0.0/message_posted"))
        let id = EventKey(EffectKey(node: "again"), .messagePosted)
        let again = try await memory.fork(idea, SharedMemory.Posting(id, as: .conductor))
        let recorded = try await scene.payload("idea@solver#0.0/effect_completed", of: outcome.run)
        #expect(again.latent == recorded?["latent"].flatMap { LatentHandle(document: $0) })
        #expect(model.requests.count == 1)
    }
}
