import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Where code cannot be isolated none is run, and nothing is concluded from that.
@Suite struct NoSandboxTests {
    @Test(arguments: [true, false]) func `a missing sandbox stops the run, which goes on where there is one`(
        isIdempotent: Bool
    ) async throws {
        let plan = try ToolScene.plan(
            [
                ["id": "a", "say": "solver"],
                ["id": "b", "call": "python", "arguments": ["code": "print \"fine\""]],
            ], output: "{{ b.status }} {{ b.output }}", idempotent: isIdempotent)
        let scene = ToolScene(tools: NoTools())
        for _ in 0..<2 {
            let run = try await scene.journal.runs().first?.id
            let error = await #expect(throws: NoSandbox.self) {
                if let run {
                    _ = try await scene.driver.resume(run, plan: plan)
                } else {
                    _ = try await scene.run(plan)
                }
            }
            #expect(error?.hint == "install bubblewrap")
            #expect(try await scene.journal.runs().map(\.status) == [.interrupted])
        }
        let run = try #require(try await scene.journal.runs().first?.id)
        let completed = try await scene.events(of: run).filter {
            $0.event.key.kind == .effectCompleted && $0.event.key.effect.node == "b"
        }
        #expect(completed.isEmpty, "no result, not even a failed one")
        let later = scene.later()
        let outcome = try await later.driver.resume(run, plan: plan)
        #expect(outcome.answer == "ok fine\n")
        #expect(try await scene.driver.replay(run, plan: plan, mode: .strict).isIdentical)
        let whole = try await ToolScene().run(plan)
        #expect(whole.answer == outcome.answer)
    }

    @Test func `a call that began after all and was cut off is interrupted`() async throws {
        let plan = try ToolScene.plan(
            [["id": "b", "call": "python", "arguments": ["code": "print \"fine\""]]], output: "{{ b.status }}",
            idempotent: false)
        let inner = InMemoryJournal()
        await #expect(throws: NoSandbox.self) { try await ToolScene(journal: inner, tools: NoTools()).run(plan) }
        let run = try #require(try await inner.runs().first?.id)
        // It is resumed, says that it begins, and dies: the takeover and the mark are its only appends.
        let dying = ToolScene(journal: CrashingJournal(inner, after: 2))
        await #expect(throws: CrashingJournal.Died.self) { try await dying.driver.resume(run, plan: plan) }
        let marks = try await inner.events(in: run, after: 0, limit: .max)
            .filter { $0.event.key.kind == .effectWithdrawn }.map { $0.event.payload["withdrawn"] }
        #expect(marks == [true, false])
        let outcome = try await ToolScene(journal: inner).driver.resume(run, plan: plan)
        #expect(outcome.answer == "interrupted")
    }

    @Test func `it stops the run from within a method and from within a branch`() async throws {
        let steps: [JSONValue] = [
            ["id": "work", "method": "calling", "agent": "solver", "options": ["codes": "x = 3"]],
            [
                "id": "many", "for_each": "range(3)", "as": "i", "parallel": true,
                "do": [["id": "b", "call": "python", "arguments": ["code": "x = 3"]]],
            ],
        ]
        for step in steps {
            let scene = ToolScene(tools: NoTools())
            let plan = try ToolScene.plan([step], output: "done")
            await #expect(throws: NoSandbox.self) { try await scene.run(plan) }
            let run = try #require(try await scene.journal.runs().first?.id)
            #expect(try await scene.later().driver.resume(run, plan: plan).answer == "done")
        }
    }
}
