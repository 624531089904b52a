import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct NestedEdgeTests {
    @Test func `a run with failures, restarts, limits and nested branches dies anywhere and comes out the same`()
        async throws
    {
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "rounds", "max": 2,
                    "repeat": [
                        [
                            "id": "all", "for_each": "range(2)", "as": "i", "parallel": true,
                            "do": [
                                [
                                    "id": "both",
                                    "parallel": [
                                        [
                                            "id": "more", "budget": ["turns": 2], "max": 5,
                                            "repeat": [["id": "a", "say": "talker", "prompt": "{{ i }} {{ round }}"]],
                                        ],
                                        ["id": "b", "say": "talker", "prompt": "{{ i }}"],
                                    ],
                                ],
                                ["id": "c", "say": "talker", "prompt": "{{ b.text }} {{ a.text }}"],
                            ],
                        ]
                    ],
                ]
            ], output: "{{ rounds.rounds }}",
            agents: ["talker": ["prompt": "p", "memory": "conversation", "restarts": 1, "budget": ["turns": 40]]],
            budget: ["turns": 30, "decoded_tokens": 2000])
        let script: @Sendable (ModelRequest) -> ScriptedModel.Line? = {
            $0.seed.description.contains("/b/") && $0.seed.description.hasSuffix("/0/0") ? .fail(Unreachable()) : nil
        }
        var whole = Scene()
        whole.model = ScriptedModel(script: script)
        let uninterrupted = try await whole.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let record = try await whole.record(of: uninterrupted.run)
        #expect(record.contains { $0.key.kind == .limitReached })
        #expect(record.contains { $0.key.kind == .agentRestarted })
        for appends in sequence(first: 1, next: { $0 + 3 }) {
            let inner = InMemoryJournal()
            var scene = Scene()
            scene.model = ScriptedModel(script: script)
            scene.journal = CrashingJournal(inner, after: appends)
            if (try? await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)) != nil { break }
            scene.journal = inner
            let run = try #require(try await inner.runs().first?.id)
            let resumed = try await scene.driver.resume(run, plan: plan)
            #expect(resumed.status == uninterrupted.status)
            #expect(resumed.spending.usage == uninterrupted.spending.usage)
            let found = try await scene.record(of: run)
            let difference = zip(record, found).first { $0 != $1 }?.0.key.description
            #expect(difference == nil, "after \(appends) appends")
            #expect(found.count == record.count)
            #expect(try await scene.driver.replay(run, plan: plan, mode: .strict).isIdentical)
        }
    }
}
