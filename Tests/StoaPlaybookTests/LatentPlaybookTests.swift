import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaTestSupport
import Testing

/// The shipped playbooks whose agents pass on latents, on every channel.
@Suite struct LatentPlaybookTests {
    static let names = ["latent-agents", "latent-chain", "latent-hierarchical", "latent-routed"]
    private static let given: [String: JSONValue] = ["question": "What is 1 + 1?", "parts": ["1", "2"]]

    private func run(_ name: String, _ changes: JSONValue.Members) async throws -> (ScriptedModel, RunOutcome) {
        let plan = try Playbooks.loader.load(name)
        var parameters = changes
        for (name, value) in Self.given where plan.parameters.contains(where: { $0.name == name }) {
            parameters[name] = value
        }
        let model = ScriptedModel()
        let setup = RunSetup(
            journal: InMemoryJournal(), models: ["default": model], tools: ScriptedTools([]), verifiers: [:],
            clock: ManualTimeSource(), identifiers: TestIdentifiers(),
            process: ProcessIdentity(process: 1, startTicks: 1, boot: "test"))
        let outcome = try await RunDriver(setup).run(
            plan, parameters: plan.checkParameters(parameters), seed: 1)
        #expect(outcome.failure?.message == nil, "\(name) \(changes)")
        #expect(outcome.status == .completed, "\(name) \(changes)")
        return (model, outcome)
    }

    @Test(arguments: names)
    func `latents and words pass on the same, from the same prompts`(name: String) async throws {
        let (latent, thought) = try await run(name, ["channel": "latent"])
        let (text, said) = try await run(name, ["channel": "text"])
        #expect(thought.spending.usage.latentSteps > 0)
        #expect(said.spending.usage.latentSteps == 0)
        #expect(said.spending.usage.decodedTokens > thought.spending.usage.decodedTokens)
        let judge = try #require(latent.requests.last)
        #expect(!judge.context.isEmpty)
        #expect(text.requests.allSatisfy { $0.context.isEmpty })
        // What the judge hears is what it has in mind, and all of its own prompt follows.
        let heard = try #require(text.requests.last?.messages.last?.content)
        let prompt = try #require(judge.messages.last?.content)
        #expect(heard.hasPrefix("["))
        #expect(name == "latent-routed" || heard.hasSuffix(prompt))
        let authors = Set(
            judge.context.flatMap(\.segments).filter { $0.origin == "latent" && $0.rows > 0 }.map(\.author))
        #expect(authors.allSatisfy { heard.contains("[\($0)]:\n") })
    }

    @Test(arguments: names) func `nothing passed on is the judge alone`(name: String) async throws {
        let (model, outcome) = try await run(name, ["channel": "none"])
        #expect(model.requests.allSatisfy { $0.context.isEmpty })
        #expect(model.requests.count == 1)
        #expect(outcome.spending.usage.latentSteps == 0)
    }

    @Test func `the other forms of the topologies run, too`() async throws {
        for channel in ["latent", "text", "none"] {
            let channel = JSONValue.string(channel)
            _ = try await run("latent-hierarchical", ["channel": channel, "mode": "chained"])
            _ = try await run("latent-routed", ["channel": channel, "routing": "orchestrated"])
            _ = try await run("latent-agents", ["channel": channel, "first_agent_text": true])
        }
        let (model, _) = try await run("latent-agents", ["first_agent_text": true])
        #expect(model.requests.first?.keepsLatent == true)
        #expect(model.requests.last?.context.first?.segments.contains { $0.origin == "text" } == true)
    }
}
