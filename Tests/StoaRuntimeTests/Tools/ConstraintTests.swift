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

    // MARK: - Replies that are sent back

    /// A run of one step on a model that says one thing after the other.
    private static func mended(
        _ replies: [String], _ constraint: JSONValue.Members = ["schema": schema], more: JSONValue.Members = [:],
        output: String = "{{ x.text }}|{{ x.unparsed }}|{{ x.tokens }}"
    ) async throws -> (scene: ToolScene, model: ScriptedModel, outcome: RunOutcome, plan: Plan) {
        let model = ScriptedModel { request in
            .say(replies[min(request.messages.count { $0.role == .assistant }, replies.count - 1)])
        }
        let scene = ToolScene(model: model)
        let step: JSONValue.Members = ["id": "x", "say": "solver"]
        let plan = try ToolScene.plan(
            [.object(step.merging(constraint) { $1 }.merging(more) { $1 })], output: .string(output))
        return (scene, model, try await scene.run(plan), plan)
    }

    @Test func `a reply that is not what was asked for goes back once, with what is wrong, as an effect of its own`()
        async throws
    {
        let good = #"{"correct":true}"#
        let (scene, model, outcome, plan) = try await Self.mended([#"{"correct":1}"#, good])
        #expect(outcome.answer == "\(good)||29")
        #expect(model.requests.count == 2)
        let again = try #require(model.requests.last)
        #expect(again.messages.suffix(2).map(\.role) == [.assistant, .user])
        #expect(again.messages.last?.content.contains("reply.correct: expected true or false, found") == true)
        #expect(again.constraint == model.requests.first?.constraint)
        #expect(again.seed != model.requests.first?.seed)
        let intents = try await scene.events(of: outcome.run).filter { $0.event.key.kind == .effectIntended }
        #expect(intents.map { "\($0.event.key)" }.count == 2)
        #expect(outcome.spending.turns == 2 && outcome.spending.usage.decodedTokens == 29)
        for mode in [ReplayMode.strict, .recompute] {
            let report = try await scene.driver.replay(outcome.run, plan: plan, mode: mode)
            #expect(report.isIdentical, "\(mode): \(String(describing: report.firstDivergence))")
        }
    }

    @Test func `what is wrong twice is unparsed, and says why`() async throws {
        let (_, model, outcome, _) = try await Self.mended(
            ["yes", "no"], output: "{{ x.data is none }}|{{ x.unparsed }}")
        #expect(model.requests.count == 2)
        #expect(outcome.answer?.hasPrefix("True|not JSON: line 1") == true, "\(outcome.answer ?? "")")
    }

    @Test func `one of some texts is exactly one of them, and other words need no check`() async throws {
        let choices = try await Self.mended(["Yes.", "yes"], ["one_of": ["yes", "no"]])
        #expect(choices.outcome.answer == "yes||7" && choices.model.requests.count == 2)
        #expect(choices.model.requests.last?.messages.last?.content.contains(#""yes", "no""#) == true)
        for constraint in [["regex": "[0-9]+"], [:]] as [JSONValue.Members] {
            #expect(try await Self.mended(["words"], constraint).model.requests.count == 1)
        }
    }

    @Test(arguments: [("turns", 1, 1), ("turns", 2, 2), ("decoded_tokens", 3, 1), ("decoded_tokens", 10, 2)])
    func `a budget is kept to`(_ name: String, _ allowed: Int, _ asked: Int) async throws {
        let (_, model, outcome, _) = try await Self.mended(
            ["yes", "{\"correct\":true}"], more: ["budget": .object([name: .integer(Int64(allowed))])])
        #expect(model.requests.count == asked)
        #expect(
            outcome.spending.turns <= 2 && outcome.spending.usage.decodedTokens <= max(allowed, 3) || name == "turns")
        #expect(
            outcome.answer?.contains("not JSON") == (name == "decoded_tokens" || allowed == 1),
            "\(outcome.answer ?? "")")
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
