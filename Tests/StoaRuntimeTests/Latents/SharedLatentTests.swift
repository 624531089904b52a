import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// What programs can do with the latents in shared memory.
@Suite struct SharedLatentTests {
    private let process = ProcessIdentity(process: 1, startTicks: 1, boot: "test")
    private let agent = AgentID("worker")

    private struct Stage {
        var journal = InMemoryJournal()
        var model = ScriptedModel()
        var other = ScriptedModel(name: "other", fingerprint: "other")
    }

    private func key(_ text: String) throws -> EventKey { try #require(EventKey("\(text)/message_posted")) }

    private func posting(_ node: String, _ number: Int = 0) -> SharedMemory.Posting {
        SharedMemory.Posting(
            EventKey(EffectKey(node: node, indices: [number], agent: agent), .messagePosted), as: agent)
    }

    /// A run with thoughts of two models and words, in a journal of its own.
    private func stage() async throws -> Stage {
        let stage = Stage()
        var scene = Scene()
        scene.journal = stage.journal
        scene.model = stage.model
        scene.otherModels = ["other": stage.other]
        let plan = try Scene.plan(
            steps: [
                ["id": "idea", "think": "solver", "latent_steps": 2],
                ["id": "plan", "think": "solver", "latent_steps": 3, "after": "idea", "feedback": "noise"],
                ["id": "foreign", "think": "stranger", "latent_steps": 1], ["id": "words", "say": "solver"],
            ], agents: ["solver": ["prompt": "S"], "stranger": ["prompt": "X", "model": "other"]],
            models: ["other": "other"])
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 9)
        #expect(outcome.failure?.message == nil)
        #expect(stage.model.heldLatents == 0)
        return stage
    }

    private func memory(_ stage: Stage) async throws -> SharedMemory {
        let run = try #require(try await stage.journal.runs().first?.id)
        let memory = try await SharedMemory.resuming(
            run, journal: stage.journal, clock: ManualTimeSource(), process: process,
            models: ["default": stage.model, "other": stage.other])
        await memory.grant(["idea", "plan", "foreign", "words", "sum", "part"], to: "worker")
        return memory
    }

    @Test func `latents are forked, appended, merged and selected, and every result is a message`() async throws {
        let stage = try await stage()
        let memory = try await memory(stage)
        let (idea, plan) = (try key("idea@solver#0.0"), try key("plan@solver#0.0"))
        let latents = try await memory.read([idea, plan], as: agent).compactMap(\.latent)
        let fork = try await memory.fork(idea, posting("sum", 0))
        #expect(fork.latent == latents[0], "a fork is the same latent")
        let joined = try await memory.append(idea, plan, posting("sum", 1))
        #expect(joined.latent?.rows == latents[0].rows + latents[1].rows)
        let merged = try await memory.merge(base: idea, branches: [plan, plan], posting("sum", 2))
        #expect(merged.latent?.rows == latents[0].rows + 2 * (latents[1].rows - latents[0].rows))
        let part = try await memory.select(plan, rows: [0, 2], posting("sum", 3))
        #expect(part.latent?.rows == 2)
        #expect(Set([fork, joined, merged, part].compactMap { $0.latent?.digest }).count == 4)
        for (message, sources) in [(fork, [idea]), (joined, [idea, plan]), (merged, [idea, plan, plan])] {
            #expect(message.causes == sources)
            #expect(message.kind == .latent)
            #expect(message.from == agent)
            #expect(message.modelFingerprint == "scripted")
            #expect(try await memory.read([message.id], as: agent) == [message])
        }
        let run = try #require(try await stage.journal.runs().first?.id)
        let read = try await stage.journal.event(
            EventKey(EffectKey(node: "sum", indices: [1], agent: agent), .messagesRead), in: run)
        #expect(read?.event.payload["messages"] == [.string("\(idea)"), .string("\(plan)")])
        #expect(stage.model.heldLatents > 0)
        await memory.releaseAll()
        #expect(stage.model.heldLatents == 0)
    }

    @Test func `what was made is made again in another process, from what it was made of`() async throws {
        let stage = try await stage()
        let first = try await memory(stage)
        let (idea, plan) = (try key("idea@solver#0.0"), try key("plan@solver#0.0"))
        let joined = try await first.append(idea, plan, posting("sum", 0))
        let part = try await first.select(joined.id, rows: [1, 2, 3], posting("part", 0))
        let expected = try await first.append(part.id, plan, posting("sum", 1))

        var later = stage
        later.model = ScriptedModel()
        later.other = ScriptedModel(name: "other", fingerprint: "other")
        let second = try await memory(later)
        // Posting the same again makes nothing.
        #expect(try await second.append(part.id, plan, posting("sum", 1)) == expected)
        #expect(later.model.requests.isEmpty)
        // Going on from it makes all that it was made of.
        let more = try await second.append(expected.id, idea, posting("sum", 2))
        #expect(later.model.requests.count == 2)
        let reference = try await first.append(expected.id, idea, posting("sum", 3))
        #expect(more.latent == reference.latent)
        await #expect(throws: (any Error).self, "the same name for something else") {
            try await second.append(part.id, idea, posting("sum", 1))
        }
    }

    @Test func `a latent that was let go of comes back when it is wanted`() async throws {
        let stage = try await stage()
        let memory = try await memory(stage)
        let idea = try key("idea@solver#0.0")
        let fork = try await memory.fork(idea, posting("sum", 0))
        #expect(stage.model.heldLatents == 1)
        try await memory.release(fork.id, as: agent)
        #expect(stage.model.heldLatents == 0)
        let calls = stage.model.requests.count
        _ = try await memory.select(fork.id, rows: [0], posting("sum", 1))
        #expect(stage.model.requests.count == calls + 1)
    }

    @Test func `unknown, denied and foreign messages are refused, each in its way`() async throws {
        let stage = try await stage()
        let memory = try await memory(stage)
        let (idea, words, foreign) = (
            try key("idea@solver#0.0"), try key("words@solver#0.0"), try key("foreign@stranger#0.0")
        )
        let unknown = try key("nothing@solver#0.0")
        let strange = SharedMemory.Posting(posting("sum").id, as: AgentID("stranger"))
        func code(_ body: () async throws -> Message) async -> MemoryError.Code? {
            do {
                _ = try await body()
                return nil
            } catch {
                return (error as? MemoryError)?.code
            }
        }
        #expect(await code { try await memory.fork(unknown, posting("sum")) } == .unknownMessage)
        #expect(await code { try await memory.fork(idea, strange) } == .readDenied)
        #expect(await code { try await memory.append(idea, words, posting("sum")) } == .notLatent)
        #expect(await code { try await memory.append(idea, foreign, posting("sum")) } == .modelMismatch)
        #expect(await code { try await memory.merge(base: idea, branches: [], posting("sum")) } == .notLatent)
        let mismatch = await #expect(throws: MemoryError.self) {
            try await memory.merge(base: nil, branches: [idea, foreign], posting("sum"))
        }
        #expect(
            mismatch?.message
                == "agent worker: expected latents of one model, found one of scripted and one of other")
        await #expect(throws: MemoryError.self) { try await memory.release(idea, as: AgentID("stranger")) }
        let run = try #require(try await stage.journal.runs().first?.id)
        #expect(
            try await stage.journal.event(posting("sum").id, in: run) == nil, "nothing was posted")
        var without = stage
        without.other = ScriptedModel(name: "third", fingerprint: "third")
        let lacking = try await self.memory(without)
        #expect(await code { try await lacking.fork(foreign, posting("sum")) } == .modelMismatch)
    }
}
