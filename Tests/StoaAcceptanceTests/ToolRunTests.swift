import OrderedCollections
import StoaCore
import StoaJournal
import StoaModel
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import StoaTools
import Testing

/// Agents that write Python, on the real sandbox: what is in the record, and what a replay needs.
@Suite(
    .serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected),
    .enabled("no sandbox with the packages mathematics: run stoa doctor") { await RealTools.areExpected() })
struct ToolRunTests {
    private static func parameters(_ plan: Plan, _ question: String, _ more: JSONValue.Members = [:]) throws
        -> JSONValue.Members
    {
        let given: JSONValue.Members = ["question": .string(question)]
        return try plan.checkParameters(given.merging(more) { $1 })
    }

    private static func block(_ code: String) -> String { "```python\n\(code)\n```\n" }

    @Test func `a small model multiplies with Python, and its runs replay without a sandbox and with one`() async throws
    {
        let stage = try Stage(model: try await Stage.load())
        let plan = try Stage.plan("tool-solver")
        let tools = try RealTools.toolbox(plan)
        let products = [(1234, 5678), (4821, 9377), (9001, 1009)]
        let runs = try await withThrowingTaskGroup(of: (Int, RunOutcome).self) { group in
            for (index, (a, b)) in products.enumerated() {
                group.addTask {
                    let parameters = try Self.parameters(plan, "What is \(a) times \(b)?")
                    return (index, try await stage.driver(tools: tools).run(plan, parameters: parameters, seed: 0))
                }
            }
            return try await group.reduce(into: [Int: RunOutcome]()) { $0[$1.0] = $1.1 }
        }
        for (index, (a, b)) in products.enumerated() {
            let run = try #require(runs[index])
            #expect(run.status == .completed && run.answer == String(a * b), "\(String(describing: run.answer))")
            #expect(run.spending.toolCalls >= 1)
            for mode in [ReplayMode.strict, .recompute] {
                let report = try await stage.driver(tools: NoTools(plan)).replay(run.run, plan: plan, mode: mode)
                #expect(
                    report.isIdentical && report.skipped == 0, "\(mode): \(String(describing: report.firstDivergence))")
            }
            let again = try await stage.driver(tools: tools).replay(run.run, plan: plan, mode: .tools)
            #expect(again.isIdentical && again.compared > 0, "\(String(describing: again.firstDivergence))")
        }
        await tools.close()
    }

    @Test func `a session that died with its process is rebuilt from the record, and its state is what it was`()
        async throws
    {
        let stage = try Stage(model: try await Stage.load())
        let plan = try Stage.plan("tool-solver")
        let turns = [
            Self.block("import random\nx = random.random()\ny = 6"), Self.block("y *= 7\nprint(x)"),
            Self.block("final_answer((x, y))"),
        ]
        let model = ScriptedModel { request in .say(turns[min(request.turn.count / 2, turns.count - 1)]) }
        let parameters = try Self.parameters(plan, "?", ["answer": "final_answer"])
        let whole = try RealTools.toolbox(plan)
        let expected = try await stage.driver(model: model, tools: whole).run(plan, parameters: parameters, seed: 4)
        await whole.close()
        #expect(expected.status == .completed && expected.answer?.hasSuffix(", 42)") == true)
        for calls in 0..<3 {
            let before = try RealTools.toolbox(plan)
            let journal = try SQLiteJournal(path: stage.folder.path + "/\(calls).sqlite")
            let dying = stage.driver(journal, model: model, tools: DyingTools(before, after: calls))
            let cut = try await dying.run(plan, parameters: parameters, seed: 4)
            #expect(cut.status == .interrupted)
            await before.close()
            let id = try #require(try await journal.runs().first?.id)
            let after = try RealTools.toolbox(plan)
            let resumed = try await stage.driver(journal, model: model, tools: after).resume(id, plan: plan)
            await after.close()
            #expect(resumed.status == .completed && resumed.answer == expected.answer, "after \(calls) calls")
            #expect(
                try await Stage.record(of: id, in: journal) == Stage.record(of: expected.run, in: stage.journal),
                "after \(calls) calls")
            let restored = try await journal.events(in: id, after: 0, limit: 10_000).map(\.event)
                .filter { $0.key.kind == .sessionRestored }
            #expect(restored.map { $0.payload["calls"]?.intValue } == (calls == 0 ? [] : [calls]))
            #expect(restored.allSatisfy { $0.payload["differing"] == [] })
        }
    }

    @Test func `a machine without a sandbox says so, and the run can be resumed on one that has it`() async throws {
        let stage = try Stage(model: try await Stage.load())
        let plan = try Stage.plan("tool-solver")
        let parameters = try Self.parameters(plan, "What is 1234 times 5678?")
        await #expect(throws: NoTools.Missing.self) {
            try await stage.driver(tools: NoTools(plan)).run(plan, parameters: parameters, seed: 0)
        }
        let id = try #require(try await stage.journal.runs().first?.id)
        let tools = try RealTools.toolbox(plan)
        let outcome = try await stage.driver(tools: tools).resume(id, plan: plan)
        await tools.close()
        #expect(outcome.status == .completed && outcome.answer == String(1234 * 5678))
    }

    @Test func `solver, executor and verifier are three actors with one session`() async throws {
        let stage = try Stage(model: try await Stage.load())
        let plan = try Stage.plan("tool-team")
        let turns = [Self.block("x = 20"), Self.block("x += nothing"), Self.block("print(x + 2)")]
        let asked = Guarded(0)
        let model = ScriptedModel { _ in
            asked.withLock { asked in
                defer { asked += 1 }
                return .say(turns[min(asked, turns.count - 1)])
            }
        }
        let tools = try RealTools.toolbox(plan)
        let parameters = try Self.parameters(plan, "?", ["reference": "22"])
        let outcome = try await stage.driver(model: model, tools: tools).run(plan, parameters: parameters, seed: 0)
        await tools.close()
        #expect(outcome.status == .completed && outcome.answer == "22", "\(String(describing: outcome.failure))")
        #expect(outcome.spending.toolCalls == 3)
        let actors = try await Set(Stage.record(of: outcome.run, in: stage.journal).map(\.actor.rawValue))
        #expect(actors.isSuperset(of: ["solver", "laboratory", "examiner"]))
    }
}
