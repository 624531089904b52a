import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Parameters that are lists of records: kept in the journal once, and read from nowhere else again.
@Suite struct RecordParameterTests {
    private static let seeds: JSONValue = .array((0..<50).map { ["b": .string("q\($0)"), "a": .integer(Int64($0))] })

    private static func plan() throws -> Plan {
        try Scene.plan([
            "stoa": 1, "name": "records",
            "parameters": [
                "seeds": ["type": "records", "default": []], "question": ["type": "string", "default": "why"],
            ],
            "agents": ["solver": ["prompt": "x"]],
            "steps": [
                [
                    "id": "l", "for_each": "seeds[:2]", "as": "seed",
                    "do": [["id": "a", "say": "solver", "prompt": "{{ seed.b }}"]],
                ]
            ], "output": "{{ seeds|length }} {{ seeds[7].b }} {{ l[1].text }}",
        ])
    }

    @Test func `records are kept by their content, and every execution reads them back`() async throws {
        let plan = try Self.plan()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["seeds": Self.seeds, "question": "q"], seed: 1)
        #expect(outcome.answer?.hasPrefix("50 q7 w") == true)
        let started = try #require(try await scene.payload("_run#0.0/run_started", of: outcome.run))
        #expect(started["parameters"] == ["question": "q"])
        #expect(started["records"]?["seeds"]?["form"] == "json")
        let beginning = try await RunBeginning.of(outcome.run, in: scene.journal)
        #expect(beginning.parameters["seeds"]?.canonicalText == Self.seeds.canonicalText)
        #expect(beginning.parameters["question"] == "q")
        let fresh = try Scene.plan(beginning.playbook)
        for mode in [ReplayMode.strict, .recompute] {
            let report = try await scene.driver.replay(outcome.run, plan: fresh, mode: mode)
            #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        }
        let branch = try await scene.driver.fork(
            outcome.run, at: 3, plan: fresh, parameters: beginning.parameters)
        #expect(branch.answer == outcome.answer)
        let changed = try await scene.driver.fork(outcome.run, at: 3, plan: fresh, parameters: ["seeds": [["b": "z"]]])
        #expect(changed.status == .failed, "there is no eighth one")
    }

    @Test func `a run that dies goes on without its file`() async throws {
        let plan = try Self.plan()
        let whole = try await Scene().driver.run(plan, parameters: ["seeds": Self.seeds, "question": "q"], seed: 1)
        for appends in 1...5 {
            let inner = InMemoryJournal()
            var scene = Scene()
            scene.journal = CrashingJournal(inner, after: appends)
            _ = try? await scene.driver.run(plan, parameters: ["seeds": Self.seeds, "question": "q"], seed: 1)
            var later = Scene()
            later.journal = inner
            let run = try #require(try await inner.runs().first?.id)
            let beginning = try await RunBeginning.of(run, in: inner)
            #expect(try await later.driver.resume(run, plan: Scene.plan(beginning.playbook)).answer == whole.answer)
        }
    }
}
