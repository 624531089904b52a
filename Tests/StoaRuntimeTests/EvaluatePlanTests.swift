import StoaCore
import StoaRuntime
import Testing

/// What a playbook may say about how it is scored.
@Suite struct EvaluatePlanTests {
    private static func problems(_ evaluate: JSONValue) -> [String] {
        do {
            _ = try Plan(
                document: [
                    "stoa": 1, "name": "test", "agents": ["solver": ["prompt": "Why?"]],
                    "steps": [["id": "answer", "say": "solver"]], "output": "{{ answer.text }}", "evaluate": evaluate,
                ],
                environment: PlanEnvironment(
                    verifiers: ["equivalent", "numeric"], choiceRules: ChoiceRules.names, builtinTools: []))
            return []
        } catch {
            return error.problems.map { "\($0.message) (\($0.suggestion ?? ""))" }
        }
    }

    @Test(
        arguments: [
            [:], ["verifier": "numeric"], ["confidence": "answer.tokens"],
            ["verifier": "equivalent", "confidence": "answer.data.sure"],
        ] as [JSONValue])
    func `known verifiers and steps are fine`(_ evaluate: JSONValue) { #expect(Self.problems(evaluate).isEmpty) }

    @Test(
        arguments: [
            (["verifier": "numerical"], "there is no verifier \"numerical\" (did you mean 'numeric'?)"),
            (["confidence": "answr.score"], "'confidence' names 'answr', which is no step (did you mean 'answer'?)"),
            (
                ["confidence": "answer"],
                "'confidence' must be a step and a member of its value, found the text \"answer\" (as in verdict.score)"
            ), (["confidence": "answer."], "as in verdict.score"), (["confidence": 1], "'confidence' must be a text"),
            (["judge": "x"], "has no key"), ("numeric", "'evaluate' must be"),
        ] as [(JSONValue, String)])
    func `what is wrong is named with what would be right`(_ evaluate: JSONValue, words: String) {
        let problems = Self.problems(evaluate)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(words) == true, "\(problems)")
    }
}
