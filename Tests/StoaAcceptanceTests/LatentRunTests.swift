import OrderedCollections
import StoaCore
import StoaJournal
import StoaModel
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import Testing

/// What latent playbooks must show on real weights: L10 to L12 and L15 of the acceptance tests.
@Suite(.serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected)) struct LatentRunTests {
    /// The shipped latent playbooks with what makes each of them interesting.
    static let cases: [(name: String, parameters: JSONValue.Members)] = [
        ("latent-chain", [:]), ("latent-chain", ["channel": "text"]), ("latent-chain", ["feedback": "soft"]),
        ("latent-hierarchical", [:]), ("latent-hierarchical", ["mode": "chained"]),
        ("latent-hierarchical", ["recall": "latents"]), ("latent-agents", ["first_agent_text": true]),
        ("latent-routed", ["routing": "orchestrated", "shared": "Natalia keeps a list of what she sells."]),
    ]

    @Test func `eight latent runs at once are what each is alone, and replay bit for bit elsewhere`() async throws {
        let stage = try Stage(model: try await Stage.load())
        let cases = Self.cases.map { ($0.name, $0.parameters.merging(["latent_steps": 6]) { $1 }) }
        let runs = try await withThrowingTaskGroup(of: (Int, RunOutcome).self) { group in
            for (index, (name, parameters)) in cases.enumerated() {
                group.addTask { (index, try await stage.run(name, parameters, seed: 7)) }
            }
            var runs: [Int: RunOutcome] = [:]
            for try await (index, run) in group { runs[index] = run }
            return cases.indices.compactMap { runs[$0] }
        }
        try #require(runs.count == cases.count)
        let other = try SQLiteJournal(path: stage.folder.path + "/other.sqlite")
        var lines: [String] = []
        try await stage.journal.exportLines(runs.map(\.run)) { lines.append($0) }
        var unread = lines.makeIterator()
        _ = try await other.importLines(named: "the export") { unread.next() }
        let fresh = try await Stage.load()
        for ((name, parameters), run) in zip(cases, runs) {
            #expect(run.status == .completed, "\(name): \(String(describing: run.failure))")
            // L12: alone, on an engine that has seen nothing else.
            let lonely = try Stage(model: fresh)
            let alone = try await lonely.run(name, parameters, seed: 7)
            #expect(
                try await Stage.record(of: alone.run, in: lonely.journal)
                    == Stage.record(of: run.run, in: stage.journal), "\(name) \(parameters)")
            // L11: without a model, then with one; the latents' digests are part of the record.
            let plan = try Stage.plan(name)
            for mode in [ReplayMode.strict, .recompute] {
                let report = try await stage.driver(other, model: fresh).replay(run.run, plan: plan, mode: mode)
                #expect(report.isIdentical, "\(name) \(mode): \(String(describing: report.firstDivergence))")
                #expect(report.skipped == 0)
            }
        }
    }

    @Test func `the judge has the latents in mind, also where no step was taken`() async throws {
        let stage = try Stage(model: try await Stage.load())
        var answers: [String: String] = [:]
        for (label, parameters) in [
            ("steps", ["latent_steps": 8]), ("none taken", ["latent_steps": 0]), ("no cache", ["channel": "none"]),
        ] as [(String, JSONValue.Members)] {
            let run = try await stage.run("latent-chain", parameters)
            let record = try await Stage.record(of: run.run, in: stage.journal)
            let call = try #require(
                record.first { $0.key.kind == .effectIntended && $0.key.effect.node == "verdict" })
            let rows = call.payload["past_rows"]?.intValue ?? 0
            #expect(label == "no cache" ? rows == 0 : rows > 100, "\(label): \(rows) rows")
            #expect(run.spending.usage.latentSteps == (label == "steps" ? 24 : 0))
            answers[label] = run.answer
        }
        #expect(Set(answers.values).count == 3, "what is in mind changes what is said: \(answers)")
    }

    @Test func `the twin that talks is asked the same, and is told what was said before`() async throws {
        let stage = try Stage(model: try await Stage.load())
        func prompts(_ channel: JSONValue) async throws -> [String: [ChatMessage]] {
            let recorder = RecordingModel(stage.model)
            let plan = try Stage.plan("latent-chain")
            let parameters = try plan.checkParameters([
                "question": .string(Stage.question), "channel": channel, "latent_steps": 2, "text_tokens": 12,
                "answer_tokens": 4,
            ])
            _ = try await stage.driver(model: recorder).run(plan, parameters: parameters, seed: 0)
            return recorder.asked
        }
        let (latent, text) = (try await prompts("latent"), try await prompts("text"))
        #expect(Set(latent.keys) == ["planner", "critic", "refiner", "judge"])
        #expect(latent["planner"] == text["planner"])
        for agent in ["critic", "refiner", "judge"] {
            let (silent, told) = (try #require(latent[agent]?.last), try #require(text[agent]?.last))
            #expect(latent[agent]?.dropLast() == text[agent]?.dropLast())
            #expect(told.content.hasSuffix(silent.content))
            #expect(told.content.hasPrefix("[planner]:\n"))
        }
        let heard = try #require(text["judge"]?.last?.content)
        for name in ["[planner]:\n", "[critic]:\n", "[refiner]:\n"] { #expect(heard.contains(name)) }
    }

    @Test func `what is reported equals what the events say`() async throws {
        let stage = try Stage(model: try await Stage.load())
        for (name, parameters) in [("latent-hierarchical", [:]), ("latent-agents", ["first_agent_text": true])]
            as [(String, JSONValue.Members)]
        {
            let run = try await stage.run(name, parameters)
            var counted = Usage()
            for event in try await Stage.record(of: run.run, in: stage.journal)
            where event.key.kind == .effectCompleted {
                counted += Usage(document: event.payload["usage"] ?? .emptyObject)
            }
            #expect(counted == run.spending.usage)
            #expect(counted.latentSteps > 0)
        }
    }

    @Test func `stored latents come back where no model can make them again`() async throws {
        let stage = try Stage(model: try await Stage.load())
        var document = try Stage.plan("latent-chain").document.objectValue ?? [:]
        document["latents"] = "store"
        let plan = try Plan(document: .object(document), environment: Stage.environment)
        let parameters = try plan.checkParameters(["question": .string(Stage.question), "latent_steps": 4])
        let run = try await stage.driver().run(plan, parameters: parameters, seed: 0)
        #expect(run.status == .completed)
        let events = try await stage.journal.events(in: run.run, after: 0, limit: 1000)
        let last = try #require(
            events.first { $0.event.key.kind == .effectIntended && $0.event.key.effect.node == "verdict" })
        // The branch begins behind the thoughts: a model that cannot think has only the stored rows to go by.
        let mute = ThoughtlessModel(try await Stage.load())
        let fork = try await stage.driver(model: mute).fork(
            run.run, at: last.sequence - 1, plan: plan, parameters: parameters)
        #expect(fork.status == .completed, "\(String(describing: fork.failure))")
        #expect(fork.answer == run.answer)
    }

    @Test func `a number that only the planner was told reaches the judge through its memory`() async throws {
        let stage = try Stage(model: try await Stage.load())
        let plan = try Stage.plan("Benchmarks/latent/needle.yaml")
        let keys = (0..<24).map { 137 + $0 * 31 }
        func found(_ more: JSONValue.Members) async throws -> Int {
            let given: JSONValue.Members = ["keys": .array(keys.map { .integer(Int64($0)) }), "latent_steps": 8]
            let parameters = try plan.checkParameters(given.merging(more) { $1 })
            let run = try await stage.driver().run(plan, parameters: parameters, seed: 0)
            let replies = try JSONParser.parse(Array((run.answer ?? "").utf8)).arrayValue ?? []
            return zip(keys, replies).count { $1.stringValue?.contains(String($0)) == true }
        }
        let (whole, nothing) = (try await found([:]), try await found(["channel": "none"]))
        // What the latents alone hold is measured (Benchmarks/latent/needle.py), not asserted.
        #expect(whole >= 16 && nothing <= 2, "with the memory \(whole), without \(nothing), of \(keys.count)")
    }
}
