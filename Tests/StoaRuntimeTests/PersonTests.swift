import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct PersonTests {
    @Test func `a question with nobody there parks the run, and the answer resumes it`() async throws {
        let plan = try Scene.plan(
            steps: [
                ["id": "a", "say": "solver"], ["id": "word", "ask": "Is {{ a.text }} right?"],
                ["id": "b", "say": "critic", "prompt": "{{ word.text }}"],
            ], output: "{{ word.text }}: {{ b.text }}")
        let scene = Scene()
        let parked = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(parked.status == .approvalRequired)
        let pending = try #require(parked.pending)
        #expect(pending.question.hasPrefix("Is w"))
        #expect(!pending.isApproval)
        #expect(try await scene.driver.replay(parked.run, plan: plan, mode: .strict).isIdentical)
        let again = try await scene.driver.resume(parked.run, plan: plan)
        #expect(again.pending == pending, "it waits until somebody says something")
        let done = try await scene.driver.resume(parked.run, plan: plan, decision: .answer(pending.effect, "no"))
        #expect(done.status == .completed)
        #expect(done.answer?.hasPrefix("no: w") == true)
        #expect(try await scene.driver.replay(parked.run, plan: plan, mode: .recompute).isIdentical)
        var attended = Scene()
        attended.person = ScriptedPerson { _ in "no" }
        let direct = try await attended.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(try await attended.record(of: direct.run) == scene.record(of: parked.run))
    }

    @Test(arguments: [true, false]) func `a call that needs approval waits for it`(isApproved: Bool) async throws {
        var plan = try Scene.plan(
            steps: [["id": "a", "call": "post_office", "arguments": ["to": "{{ question }}"]]], output: "{{ a.status }}"
        )
        plan.tools["post_office"]?.approval = .ask
        let scene = Scene()
        let parked = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let pending = try #require(parked.pending)
        #expect(pending.isApproval)
        #expect(pending.question == #"call post_office with {"to":"why"}?"#)
        #expect(scene.tools.calls.isEmpty)
        let done = try await scene.driver.resume(
            parked.run, plan: plan, decision: isApproved ? .approve(pending.effect) : .deny(pending.effect))
        #expect(done.answer == (isApproved ? "ok" : "denied"))
        #expect(scene.tools.calls.count == (isApproved ? 1 : 0))
        #expect(try await scene.driver.replay(parked.run, plan: plan, mode: .strict).isIdentical)
        #expect(try await scene.driver.resume(parked.run, plan: plan).answer == done.answer)
        plan.tools["post_office"]?.approval = .deny
        let denied = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(denied.answer == "denied")
    }
}
