import OrderedCollections
import StoaCore
import StoaRuntime
import Testing

@Suite struct LetTests {
    /// Rounds that hand a list on, each with one element more.
    private static func counting(rounds: JSONValue = 3) throws -> Plan {
        try Scene.plan(
            steps: [
                [
                    "id": "rounds", "max": rounds,
                    "repeat": [
                        ["id": "said", "say": "solver", "prompt": "{{ round }}"],
                        [
                            "id": "state",
                            "let": [
                                "all": "{{ (state.all if round else []) + [said.text] }}",
                                "count": "{{ (state.count if round else 0) + 1 }}", "words": "round {{ round }}",
                                "fixed": [1, ["a": .null]],
                            ],
                        ],
                    ],
                ]
            ], output: "{{ state.count }} {{ state.words }} {{ state.all | length }} {{ state.fixed | tojson }}")
    }

    @Test func `values are kept as they are, and a round reads those of the one before`() async throws {
        let scene = Scene()
        let outcome = try await scene.driver.run(Self.counting(), parameters: [:], seed: 1)
        #expect(outcome.answer == "3 round 2 3 [1, {\"a\": null}]")
        let replay = try await scene.driver.replay(outcome.run, plan: Self.counting(), mode: .strict)
        #expect(replay.isIdentical)
    }

    @Test func `values that differ in a replay are a divergence`() async throws {
        let scene = Scene()
        let outcome = try await scene.driver.run(Self.counting(rounds: 2), parameters: [:], seed: 1)
        let other = try Scene.plan(
            steps: [["id": "state", "let": ["count": "{{ 7 }}"]]], output: "{{ state.count }}")
        #expect(try await scene.driver.replay(outcome.run, plan: other, mode: .strict).isIdentical == false)
    }

    @Test func `an expression that fails ends the run and names the step`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "broken", "let": ["x": "{{ question | int / 0 }}"]]], output: "{{ broken.x }}")
        let outcome = try await Scene().driver.run(plan, parameters: [:], seed: 1)
        #expect(outcome.status == .failed && outcome.failure != nil)
    }

    @Test(
        arguments: [["let": "text"], ["let": ["a": "{{ nobody }}"]], ["let": ["a": 1], "prompt": "x"]] as [JSONValue])
    func `what is no mapping of values is refused`(step: JSONValue) throws {
        guard case .object(var members) = step else { return }
        members["id"] = "one"
        #expect(throws: PlanProblems.self) { try Scene.plan(steps: [.object(members)]) }
    }
}
