import StoaCLI
import StoaCore
import Testing

@Suite struct DocumentEditTests {
    private let document: JSONValue = [
        "agents": ["critic": ["temperature": 0.5]], "steps": [["id": "plan", "say": "x"], ["id": "1", "say": "y"]],
    ]

    @Test(arguments: [
        ("agents.critic.temperature=0.2", #"{"agents":{"critic":{"temperature":0.2}}"#),
        ("agents.critic.system=Be brief", #""temperature":0.5,"system":"Be brief"}"#),
        ("agents.critic.stop=[\"a\"]", #""stop":["a"]"#),
        ("steps.plan.say=z", #"[{"id":"plan","say":"z"}"#),
        ("steps.0.say=z", #"[{"id":"plan","say":"z"}"#),
        ("steps.1.say=z=1", #"{"id":"1","say":"z=1"}]"#),
    ])
    func `a path names members, elements by number and elements by id`(_ change: String, _ expected: String) throws {
        #expect(try DocumentEdit(change).applied(to: document).text.contains(expected))
    }

    @Test(arguments: ["agents", "=1", "a..b=1", "agents.judge.x=1", "steps.7.say=x", "agents.critic.temperature.x=1"])
    func `a path that leads nowhere is a matter of usage`(_ change: String) {
        let error = #expect(throws: (any Error).self) { try DocumentEdit(change).applied(to: document) }
        #expect((error as? any StoaError)?.kind == .usage)
        #expect((error as? any StoaError)?.message.contains(change) == true)
    }
}
