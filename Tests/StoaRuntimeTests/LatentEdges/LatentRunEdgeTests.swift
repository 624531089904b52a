import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Runs whose latents meet budgets, words, grants and conversations.
@Suite struct LatentRunEdgeTests {
    private static let parameters: JSONValue.Members = ["question": "why"]

    private func run(
        _ steps: JSONValue, agents: JSONValue? = nil, budget: JSONValue? = nil
    ) async throws -> (Scene, RunOutcome) {
        let scene = Scene()
        let plan = try Scene.plan(steps: steps, agents: agents, budget: budget)
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 3)
        return (scene, outcome)
    }

    private func value(_ key: String, _ scene: Scene, _ run: RunID) async throws -> JSONValue {
        try #require(try await scene.payload("\(key)/message_posted", of: run)?["content"])
    }

    @Test func `a thought that a budget cut short says so, as words do`() async throws {
        let (scene, outcome) = try await run(
            [["id": "idea", "think": "solver", "latent_steps": 10]], budget: ["latent_steps": 4])
        #expect(outcome.failure == nil)
        let value = try await value("idea@solver#0.0", scene, outcome.run)
        #expect(value["steps"] == 4)
        #expect(value["halt"] == "limit", "'steps' is that all steps were taken; ten were asked for")
    }

    @Test func `reading without steps needs no budget of latent steps`() async throws {
        let (scene, outcome) = try await run(
            [
                ["id": "idea", "think": "solver", "latent_steps": 4],
                ["id": "reading", "think": "critic", "latent_steps": 0, "after": "idea"],
                ["id": "a", "say": "critic", "after": "reading"],
            ], budget: ["latent_steps": 4])
        #expect(outcome.status == .completed)
        #expect(scene.model.requests.count == 3)
    }

    @Test func `a base is in mind also where words were added to it, not latents`() async throws {
        let (scene, outcome) = try await run([
            ["id": "reading", "think": "solver", "latent_steps": 0],
            ["id": "notes", "think": "critic", "channel": "text", "after": "reading"],
            ["id": "a", "say": "maker", "after": "notes", "base": "reading"],
        ])
        #expect(outcome.failure == nil)
        let judge = try #require(scene.model.requests.last)
        #expect(judge.messages.last?.content.hasPrefix("[critic]:") == true)
        #expect(judge.context.count == 1, "the lead's rows, as where nothing or latents are added")
    }

    @Test func `a grant of words covers what their maker was told`() async throws {
        let agents: JSONValue = [
            "solver": ["prompt": "S", "restarts": 0], "critic": ["prompt": "C", "restarts": 0],
            "maker": ["prompt": "M", "restarts": 0, "reads": ["critique"]],
        ]
        let (scene, outcome) = try await run(
            [
                ["id": "secret", "think": "solver", "channel": "text"],
                ["id": "critique", "think": "critic", "channel": "text", "after": "secret"],
                ["id": "a", "say": "maker", "after": "critique"],
            ], agents: agents)
        #expect(outcome.failure == nil)
        let judge = try #require(scene.model.requests.last?.messages.last?.content)
        #expect(judge.contains("[solver]:"), "as a latent of the critic would hold what the critic had in mind")
    }

    @Test func `a conversation holds no empty answers of thoughts`() async throws {
        let agents: JSONValue = ["solver": ["prompt": "S", "restarts": 0, "memory": "conversation"]]
        let (scene, outcome) = try await run(
            [
                ["id": "idea", "think": "solver", "latent_steps": 2],
                ["id": "a", "say": "solver", "prompt": "now", "after": "idea"],
            ], agents: agents)
        #expect(outcome.failure?.message == nil)
        let request = try #require(scene.model.requests.last)
        #expect(!request.messages.contains { $0.role == .assistant && $0.content.isEmpty })
    }

    @Test func `the intent counts the rows that are offered, the result those that were in mind`() async throws {
        let (scene, outcome) = try await run([
            ["id": "idea", "think": "solver", "latent_steps": 3],
            ["id": "a", "say": "critic", "after": "idea", "recall": ["rows": "latents", "sink": 0], "latent": true],
        ])
        let intent = try #require(try await scene.payload("a@critic#0.0/effect_intended", of: outcome.run))
        let latent = try await value("idea@solver#0.0", scene, outcome.run)["latent"].flatMap {
            LatentHandle(document: $0)
        }
        #expect(latent?.rows ?? 0 > 3)
        #expect(intent["past_rows"]?.intValue == latent?.rows)
        let result = try #require(try await scene.payload("a@critic#0.0/effect_completed", of: outcome.run))
        let reply = try #require(result["latent"].flatMap { LatentHandle(document: $0) })
        #expect(result["context_rows"]?.intValue == reply.contextRows)
    }
}
