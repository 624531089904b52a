import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct TrustEdgeTests {
    @Test(arguments: ["someone", "conductor"])
    func `no name gives an agent more than its grants`(name: String) async throws {
        var plan = try Scene.plan(
            steps: [["id": "a", "say": .string(name)]], output: "{{ a.text }}",
            agents: [name: ["prompt": "Q: {{ question }}", "restarts": 0]])
        plan.agents[name]?.reads = []
        let outcome = try await Scene().driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .failed)
        #expect(outcome.failure?.message.contains("may not read") == true)
    }
}
