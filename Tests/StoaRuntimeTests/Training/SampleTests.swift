import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Values that name the call they came from.
@Suite struct SampleTests {
    private static let agents: JSONValue = [
        "solver": ["prompt": "Q: {{ question }}", "temperature": 1, "restarts": 1],
        "critic": ["role": "teacher", "prompt": "x"],
    ]

    private static func plan() throws -> Plan {
        try Scene.plan(
            steps: [
                [
                    "id": "tries", "for_each": "range(3)", "as": "i", "parallel": true,
                    "do": [["id": "attempt", "say": "solver", "prompt": "{{ i }}", "sample": true]],
                ],
                ["id": "once", "say": "solver", "sample": "{{ question == 'why' }}"],
                ["id": "no", "say": "solver", "sample": false], ["id": "never", "say": "solver"],
                ["id": "way", "method": "wandering", "agent": "solver", "sample": true, "options": ["steps": 1]],
            ],
            output: "{{ tries|map(attribute='sample')|join(' ') }} {{ once.sample }} {{ no.sample }} {{ way.sample }}",
            agents: agents)
    }

    @Test func `a sample is the name of the call, the same in every execution`() async throws {
        let plan = try Self.plan()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let answer = "attempt[0]@solver#0.0 attempt[1]@solver#0.0 attempt[2]@solver#0.0 once@solver#0.0  None"
        #expect(outcome.answer == answer)
        let never = try await scene.payload("never@solver#0.0/message_posted", of: outcome.run)
        #expect(never?["content"]?["sample"] == nil)
        for mode in [ReplayMode.strict, .recompute] {
            #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: mode).isIdentical)
        }
        let last = try await scene.journal.lastSequence(in: outcome.run)
        for place in stride(from: 2, through: last, by: 5) {
            let branch = try await scene.driver.fork(
                outcome.run, at: place, plan: plan, parameters: ["question": "why"])
            #expect(branch.answer == answer, "at \(place)")
        }
        let inner = InMemoryJournal()
        var dying = Scene()
        dying.journal = CrashingJournal(inner, after: 5)
        _ = try? await dying.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let run = try #require(try await inner.runs().first?.id)
        var later = Scene()
        later.journal = inner
        #expect(try await later.driver.resume(run, plan: plan).answer == answer)
    }

    @Test func `after a restart it is the call that succeeded`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "solver", "sample": true]], output: "{{ a.sample }}", agents: Self.agents)
        var scene = Scene()
        scene.model = ScriptedModel { request in
            request.seed.description.hasSuffix("/0/0") ? .fail(Unreachable()) : nil
        }
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.answer == "a@solver#1.0")
    }

    /// A method that asks twice and may say what it heard first, last, or neither.
    private enum Twice: Method {
        static let name = "twice"
        static let summary = "asks twice"
        static let fields = [PlanField("say", .word(["first", "last", "both", "neither"]), "what it says")]
        static func makeLogic(_ input: MethodInput) throws -> any MethodLogic { Logic(input: input) }

        struct Logic: MethodLogic {
            let input: MethodInput
            var heard: [String] = []

            mutating func step(_ event: MethodEvent) throws -> MethodAction {
                if case .replied(let reply) = event { heard.append(reply.text) }
                guard heard.count == 3 else {
                    var request = input.request
                    // The second one is an aside.
                    if heard.count == 1 { request.messages = [ChatMessage(.user, "aside")] }
                    return .ask(request)
                }
                let text =
                    switch input.options["say"]?.stringValue {
                    case "first": heard[0]
                    case "last": heard[2]
                    case "both": heard[0] + heard[2]
                    default: heard[1]
                    }
                return .finish(["text": .string(text)])
            }
        }
    }

    @Test(arguments: [("first", "a@solver#0.0"), ("last", "a@solver#0.2"), ("both", "a@solver#0.2"), ("neither", "")])
    func `a method's sample is the answer that its text ends with`(say: String, sample: String) async throws {
        var environment = Scene.environment
        environment.methods = MethodRegistry([Twice.self])
        let document: JSONValue = [
            "stoa": 1, "name": "test", "agents": ["solver": ["prompt": "x", "temperature": 1]],
            "output": "{{ a.sample or '' }}",
            "steps": [
                ["id": "a", "method": "twice", "agent": "solver", "sample": true, "options": ["say": .string(say)]]
            ],
        ]
        let outcome = try await Scene().driver.run(
            Plan(document: document, environment: environment), parameters: [:], seed: 1)
        #expect(outcome.answer == sample)
    }
}
