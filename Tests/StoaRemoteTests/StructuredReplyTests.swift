import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Steps that say what their reply is, answered by a real server: what is sent to it, and what becomes of what it says.
@Suite(.timeLimit(.minutes(30))) struct StructuredReplyTests {
    private static let schema: JSONValue = [
        "type": "object", "properties": ["correct": ["type": "boolean"]], "required": ["correct"],
        "additionalProperties": false,
    ]

    private static func run(
        _ constraint: JSONValue.Members, _ replies: [String]
    ) async throws -> (answer: String?, bodies: [JSONValue]) {
        let step: JSONValue.Members = ["id": "x", "say": "judge", "prompt": "Right?"]
        let plan = try Plan(
            document: [
                "stoa": 1, "name": "test", "agents": ["judge": ["max_tokens": 50]],
                "steps": [.object(step.merging(constraint) { $1 })], "output": "{{ x.text }}|{{ x.unparsed }}",
            ],
            environment: PlanEnvironment(verifiers: [], choiceRules: ChoiceRules.names, builtinTools: []))
        return try await ModelUnderTest.run(answering: { request in
            .events(Answers.stream([replies[min(request.repetition, replies.count - 1)]]))
        }) { test in
            let driver = RunDriver(
                RunSetup(
                    journal: InMemoryJournal(), models: ["default": test.model], tools: ScriptedTools([]),
                    verifiers: [:], clock: test.time, identifiers: TestIdentifiers(),
                    process: ProcessIdentity(process: 1, startTicks: 1, boot: "test")))
            let outcome = try await driver.run(plan, parameters: [:], seed: 1)
            return (outcome.answer, test.server.requests.map(\.body))
        }
    }

    @Test func `a schema is sent as OpenAI's response_format, and a good reply is taken`() async throws {
        let (answer, bodies) = try await Self.run(["schema": Self.schema], [#"{"correct": true}"#])
        #expect(answer == #"{"correct": true}|"#)
        #expect(bodies.count == 1)
        let format = bodies.first?["response_format"]
        #expect(format?["type"] == "json_schema")
        #expect(format?["json_schema"]?["schema"]?.canonicalText == Self.schema.canonicalText)
    }

    @Test func `a bad reply goes back once, with the schema and with what is wrong`() async throws {
        let (answer, bodies) = try await Self.run(["schema": Self.schema], ["I think so", #"{"correct": false}"#])
        #expect(answer == #"{"correct": false}|"#)
        #expect(bodies.count == 2)
        #expect(bodies.map { $0["response_format"]?["type"] } == ["json_schema", "json_schema"])
        let messages = bodies.last?["messages"]?.arrayValue ?? []
        #expect(messages.map { $0["role"] } == ["user", "assistant", "user"])
        #expect(messages.dropFirst().first?["content"] == "I think so")
        #expect(messages.last?["content"]?.stringValue?.contains("not JSON") == true)
    }

    @Test func `a server that keeps to nothing is asked twice, and its words are unparsed`() async throws {
        let (answer, bodies) = try await Self.run(["schema": Self.schema], [#"{"correct": "yes"}"#])
        #expect(bodies.count == 2)
        #expect(answer?.hasSuffix("|reply.correct: expected true or false, found \"yes\"") == true, "\(answer ?? "")")
    }

    @Test func `a choice is sent in vLLM's words, and kept to as well`() async throws {
        let (answer, bodies) = try await Self.run(["one_of": ["yes", "no"]], ["Yes!", "yes"])
        #expect(answer == "yes|" && bodies.count == 2)
        #expect(bodies.first?["structured_outputs"]?["choice"] == ["yes", "no"])
    }
}
