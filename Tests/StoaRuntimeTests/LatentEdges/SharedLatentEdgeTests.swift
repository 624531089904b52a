import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Latents in shared memory whose content is that of what they were made of.
@Suite struct SharedLatentEdgeTests {
    private let process = ProcessIdentity(process: 1, startTicks: 1, boot: "test")
    private let agent = AgentID("worker")

    private func posting(_ node: String, _ number: Int = 0) -> SharedMemory.Posting {
        SharedMemory.Posting(
            EventKey(EffectKey(node: node, indices: [number], agent: agent), .messagePosted), as: agent)
    }

    private func memory(_ journal: InMemoryJournal, _ model: ScriptedModel) async throws -> SharedMemory {
        let run = try #require(try await journal.runs().first?.id)
        let memory = try await SharedMemory.resuming(
            run, journal: journal, clock: ManualTimeSource(), process: process, models: ["default": model])
        await memory.grant(nil, to: "worker")
        return memory
    }

    /// A journal in which `idea` was thought and posted once more as `copy`.
    private func journal() async throws -> (journal: InMemoryJournal, idea: EventKey, copy: EventKey) {
        let journal = InMemoryJournal()
        var scene = Scene()
        scene.journal = journal
        let plan = try Scene.plan(steps: [["id": "idea", "think": "solver", "latent_steps": 2]])
        _ = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 9)
        let memory = try await memory(journal, scene.model)
        let idea = try #require(EventKey("idea@solver#0.0/message_posted"))
        let copy = try await memory.fork(idea, posting("copy"))
        await memory.releaseAll()
        return (journal, idea, copy.id)
    }

    @Test func `a forked latent is made again in another process, from the latent that it is a fork of`() async throws {
        let (journal, idea, copy) = try await journal()
        let model = ScriptedModel()
        let later = try await memory(journal, model)
        let original = try await later.read([idea], as: agent)[0].latent
        let again = try await later.fork(copy, posting("copy", 1))
        #expect(again.latent == original)
        #expect(model.requests.count == 1)
    }
}
