import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct BudgetTests {
    private func run(
        _ budget: JSONValue?, steps: JSONValue? = nil, agents: JSONValue? = nil, output: JSONValue = "{{ a.text }}"
    ) async throws -> (RunOutcome, Scene, Plan) {
        let plan = try Scene.plan(
            steps: steps ?? [["id": "a", "say": "solver"], ["id": "b", "say": "critic"]], output: output,
            agents: agents, budget: budget)
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let report = try await scene.driver.replay(outcome.run, plan: plan, mode: .strict)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        return (outcome, scene, plan)
    }

    @Test func `a run that has used up its turns ends with what it has`() async throws {
        let (outcome, scene, _) = try await run(["turns": 1])
        #expect(outcome.status == .limit)
        #expect(outcome.limit == LimitReached(limit: "turns", allowed: 1, spent: 1, scope: "run"))
        #expect(outcome.answer?.hasPrefix("w") == true)
        #expect(scene.model.requests.count == 1)
    }

    @Test func `a run that reaches its limit before its output has no answer`() async throws {
        let (outcome, _, _) = try await run(["turns": 1], output: "{{ b.text }}")
        #expect(outcome.status == .limit)
        #expect(outcome.answer == nil)
    }

    @Test func `decoding is cut at the budget, and says so`() async throws {
        let (outcome, scene, _) = try await run(
            ["decoded_tokens": 10], output: "{{ a.finish }} {{ b.finish }}")
        #expect(scene.model.requests.map(\.maximumTokens).first == 10)
        #expect(outcome.status == .limit)
        #expect(outcome.spending.usage.decodedTokens == 10)
        let first = try await scene.record(of: outcome.run).first {
            $0.key.description == "a@solver#0.0/message_posted"
        }
        #expect(first?.payload["content"]?["finish"] == "limit")
    }

    @Test func `a step's own budget ends the step and not the run`() async throws {
        let (outcome, _, _) = try await run(
            nil,
            steps: [
                [
                    "id": "rounds", "repeat": [["id": "a", "say": "solver"]], "max": 5, "budget": ["turns": 2],
                ], ["id": "b", "say": "critic"],
            ], output: "{{ b.text }}")
        #expect(outcome.status == .completed)
        #expect(outcome.spending.turns == 3)
        #expect(outcome.limit == nil)
    }

    @Test func `an agent's budget counts all its work`() async throws {
        let (outcome, _, _) = try await run(
            nil,
            steps: [["id": "rounds", "repeat": [["id": "a", "say": "poor"]], "max": 5]],
            agents: ["poor": ["prompt": "p", "budget": ["turns": 3]]])
        #expect(outcome.limit?.scope == "agent poor")
        #expect(outcome.spending.turns == 3)
    }

    @Test(arguments: 0..<10) func `branches share a budget the same way every time`(_: Int) async throws {
        let (outcome, scene, _) = try await run(
            ["turns": 6],
            steps: [
                [
                    "id": "all", "for_each": "range(3)", "as": "i", "parallel": true,
                    "do": [["id": "more", "repeat": [["id": "a", "say": "solver"]], "max": 4]],
                ]
            ], output: "{{ question }}")
        #expect(outcome.status == .limit)
        let turns = try await scene.record(of: outcome.run).filter { $0.key.kind == .effectCompleted }
            .map(\.key.effect.indices)
        #expect(
            turns.sorted { $0.lexicographicallyPrecedes($1) } == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]])
    }

    @Test func `a limit of time is recorded where it was reached, and replayed there`() async throws {
        let clock = ManualTimeSource()
        var scene = Scene()
        scene.clock = clock
        scene.model = ScriptedModel { _ in
            clock.advance(by: .seconds(4))
            return nil
        }
        let plan = try Scene.plan(
            steps: [["id": "rounds", "repeat": [["id": "a", "say": "solver"]], "max": 9]], output: "{{ a.text }}",
            budget: ["wall_time": 10])
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .limit)
        #expect(outcome.limit?.limit == "wall_time")
        #expect(outcome.spending.turns == 3)
        var later = Scene()
        later.journal = scene.journal
        let report = try await later.driver.replay(outcome.run, plan: plan, mode: .strict)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
    }
}
