import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Steps that say what their reply has to be.
@Suite struct ConstraintTests {
    private static let schema: JSONValue = [
        "type": "object", "properties": ["correct": ["type": "boolean"]], "required": ["correct"],
        "additionalProperties": false,
    ]

    private static func run(_ constraint: JSONValue.Members, _ text: String, output: String) async throws
        -> (answer: String?, requests: [ModelRequest], intent: JSONValue?)
    {
        let model = ScriptedModel { _ in .say(text) }
        let scene = ToolScene(model: model)
        let step: JSONValue.Members = ["id": "x", "say": "solver"]
        let outcome = try await scene.run(
            try ToolScene.plan([.object(step.merging(constraint) { $1 })], output: .string(output)))
        let intent = try await scene.events(of: outcome.run).first { $0.event.key.kind == .effectIntended }
        return (outcome.answer, model.requests, intent?.event.payload)
    }

    @Test func `the model is told, the record keeps it, and the value is read`() async throws {
        let (answer, requests, intent) = try await Self.run(
            ["schema": Self.schema], #"{"correct":true}"#, output: "{{ x.data.correct }} {{ x.text }}")
        #expect(answer == #"True {"correct":true}"#)
        guard case .schema? = requests.first?.constraint else {
            Issue.record("no schema in the request")
            return
        }
        let kept = try OutputConstraint(document: try #require(intent?["constraint"]))
        #expect(kept == requests.first?.constraint)
    }

    @Test(arguments: ["yes", #"{"correct":1}"#, ""])
    func `what a server says against the schema is no data`(text: String) async throws {
        let (answer, _, _) = try await Self.run(["schema": Self.schema], text, output: "{{ x.data is none }}")
        #expect(answer == "True")
    }

    @Test func `expressions and lists of texts are told too`() async throws {
        let regex = try await Self.run(["regex": "[0-9]+"], "12", output: "{{ x.text }}")
        #expect(regex.requests.first?.constraint == .regex("[0-9]+"))
        let choices = try await Self.run(["one_of": ["yes", "no"]], "no", output: "{{ x.text }}")
        #expect(choices.requests.first?.constraint == .choices(["yes", "no"]))
        let free = try await Self.run([:], "no", output: "{{ x.text }}")
        #expect(free.requests.first?.constraint == nil && free.intent?["constraint"] == nil)
    }

    @Test(
        arguments: [
            (["schema": ["type": "colour"]], "schema"), (["schema": ["not": true, "regex": "a"]], "schema"),
            (["one_of": [""]], "one_of"), (["regex": "a", "one_of": ["a"]], "both say"),
            (["regex": "a", "stop": "b"], "leave it out"), (["regex": "a", "fence": "strict"], "leave it out"),
        ] as [(JSONValue.Members, String)])
    func `what can't be is refused when the playbook is read`(_ constraint: JSONValue.Members, words: String) throws {
        let step: JSONValue.Members = ["id": "x", "say": "solver"]
        let error = #expect(throws: PlanProblems.self) {
            try ToolScene.plan([.object(step.merging(constraint) { $1 })], output: "{{ x.text }}")
        }
        let texts = (error?.problems ?? []).map { "\($0.message) \($0.suggestion ?? "")" }
        #expect(texts.contains { $0.contains(words) }, "\(texts)")
    }
}
