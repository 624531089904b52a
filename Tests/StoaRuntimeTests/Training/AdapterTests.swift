import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Which adapter a model answers with.
@Suite struct AdapterTests {
    static let first = AdapterReference(SHA256Digest(hashing: "first".utf8))
    static let second = AdapterReference(SHA256Digest(hashing: "second".utf8))

    private static func plan(_ steps: JSONValue, agent: JSONValue? = nil) throws -> Plan {
        var solver = Scene.agents["solver"]?.objectValue ?? [:]
        if let agent { solver["adapter"] = agent }
        return try Scene.plan(steps: steps, agents: ["solver": .object(solver), "critic": ["role": "teacher"]])
    }

    @Test func `a step's adapter goes before its agent's, and an empty one is the model as it is`() async throws {
        let second = JSONValue.string("{{ '\(Self.second)' }}")
        let plan = try Self.plan(
            [
                ["id": "own", "say": "solver"], ["id": "other", "say": "solver", "adapter": second],
                ["id": "bare", "say": "solver", "adapter": ""],
                ["id": "blank", "say": "solver", "adapter": "{{ ' ' }}"],
                ["id": "thought", "think": "solver", "latent_steps": 1],
                ["id": "another", "think": "solver", "latent_steps": 1, "adapter": second],
                ["id": "words", "think": "solver", "channel": "text", "adapter": second],
                ["id": "way", "method": "wandering", "agent": "solver", "adapter": second],
                ["id": "plain", "say": "critic", "prompt": "x"],
            ], agent: .string("\n\(Self.first)\n"))
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .completed)
        var found: [String: Set<String>] = [:]
        for request in scene.model.requests {
            let step = String(request.seed.description.split(separator: "/").dropFirst().first ?? "")
            found[step, default: []].insert(
                request.adapter == Self.first ? "first" : request.adapter == Self.second ? "second" : "none")
        }
        #expect(
            found == [
                "own": ["first"], "other": ["second"], "bare": ["none"], "blank": ["none"], "thought": ["first"],
                "another": ["second"], "words": ["second"], "way": ["second"], "plain": ["none"],
            ])
        let intents = try await scene.record(of: outcome.run).filter { $0.key.kind == .effectIntended }
        for event in intents where ["own", "thought"].contains(event.key.effect.node) {
            #expect(event.payload["adapter"] == .string(Self.first.description))
        }
        for event in intents where ["bare", "plain"].contains(event.key.effect.node) {
            #expect(event.payload["adapter"] == nil, "a call without one is recorded as it always was")
        }
        for mode in [ReplayMode.strict, .recompute] {
            #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: mode).isIdentical)
        }
    }

    @Test func `a latent is made again with the adapter that it was made with`() async throws {
        let plan = try Self.plan(
            [
                ["id": "idea", "think": "solver", "latent_steps": 2, "adapter": .string(Self.first.description)],
                ["id": "a", "say": "solver", "after": ["idea"]],
            ])
        let inner = InMemoryJournal()
        var scene = Scene()
        scene.journal = CrashingJournal(inner, after: 4)
        _ = try? await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let run = try #require(try await inner.runs().first?.id)
        var later = Scene()
        later.journal = inner
        #expect(try await later.driver.resume(run, plan: plan).status == .completed)
        let again = try #require(later.model.requests.first { $0.seed.description.contains("idea") })
        #expect(again.adapter == Self.first)
    }

    @Test func `an adapter is part of what recompute repeats`() async throws {
        let plan = try Self.plan([["id": "a", "say": "solver"]], agent: .string(Self.first.description))
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        var later = Scene()
        later.journal = scene.journal
        #expect(try await later.driver.replay(outcome.run, plan: plan, mode: .recompute).isIdentical)
        #expect(later.model.requests.map(\.adapter) == [Self.first])
    }

    @Test func `what is rendered and no digest fails the step and names it`() async throws {
        let plan = try Self.plan([["id": "a", "say": "solver", "adapter": "{{ question }}"]])
        let outcome = try await Scene().driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .failed)
        #expect(
            outcome.failure?.message
                == #"a.adapter: expected an adapter's digest of 64 hexadecimal digits, or nothing, found "why" from "{{ question }}""#
        )
    }

    @Test func `names of adapters are found wherever they stand and replaced by digests`() async throws {
        let plan = try Self.plan(
            [
                ["id": "a", "say": "solver", "adapter": "adapters/a"],
                ["id": "l", "for_each": "[1]", "as": "i", "do": [["id": "b", "say": "solver", "adapter": "b"]]],
                [
                    "id": "p",
                    "parallel": [
                        [["id": "c", "say": "solver", "adapter": "adapters/a"]], ["id": "d", "say": "solver"],
                    ],
                ],
                [
                    "id": "w", "when": "true", "then": [["id": "e", "think": "solver", "adapter": "e"]],
                    "else": [
                        [
                            "id": "f", "train": "solver", "on": "[]", "from": "f", "loss": "dpo",
                            "reference": "{{ question }}",
                        ]
                    ],
                ],
                [
                    "id": "r", "max": 1,
                    "repeat": [["id": "g", "train": "solver", "on": "[]", "loss": "ipo", "reference": "g"]],
                ],
                ["id": "h", "say": "critic", "prompt": "adapters/h", "adapter": .string(Self.first.description)],
                ["id": "x", "call": "calculator", "arguments": ["adapter": "no adapter"]],
            ], agent: "solver-adapter")
        #expect(plan.namedAdapters == ["solver-adapter", "adapters/a", "b", "e", "f", "g"])
        let error = await #expect(throws: EffectFailure.self) {
            try await Scene().driver.run(plan, parameters: ["question": ""], seed: 1)
        }
        #expect(error?.message.hasPrefix(#"adapter "solver-adapter": expected a digest"#) == true)
        let some = try plan.replacingAdapters(["b": Self.second], environment: Scene.environment)
        #expect(some.namedAdapters == ["solver-adapter", "adapters/a", "e", "f", "g"])
        let all = try plan.replacingAdapters(
            Dictionary(plan.namedAdapters.map { ($0, Self.first) }, uniquingKeysWith: { first, _ in first }),
            environment: Scene.environment)
        #expect(all.namedAdapters.isEmpty)
        let scene = Scene()
        let outcome = try await scene.driver.run(all, parameters: ["question": ""], seed: 1)
        #expect(outcome.status == .completed)
        #expect(scene.model.requests.allSatisfy { $0.adapter == Self.first })
        #expect(scene.model.requests.count == 6)
    }

    @Test func `an agent's adapter reads what its steps can see`() throws {
        let error = #expect(throws: PlanProblems.self) {
            try Self.plan([["id": "a", "say": "solver"], ["id": "b", "say": "solver"]], agent: "{{ b.adapter }}")
        }
        #expect(error?.problems.map(\.message).contains { $0.contains("agent 'solver' reads 'b'") } == true)
        #expect(throws: PlanProblems.self) { try Self.plan([["id": "a", "say": "solver"]], agent: "{{ nowhere }}") }
        _ = try Self.plan([["id": "b", "ask": "which?"], ["id": "a", "say": "solver"]], agent: "{{ b.text }}")
        // What is trained is not answered with the adapter that comes of it.
        _ = try Self.plan(
            [["id": "b", "train": "solver", "on": "[]"], ["id": "a", "say": "solver"]], agent: "{{ b.adapter }}")
    }
}
