internal import StoaCore

extension ChooseVerb {
    /// Chooses by the rule.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let value = try await conductor.evaluate(candidates, in: frame)
        guard let values = value.arrayValue, !values.isEmpty, let choose = ChoiceRules.named(rule) else {
            throw WorkFailure(
                failure: EffectFailure(
                    kind: .badInput,
                    message: "\(step.id).from: expected a list with at least one element, found \(value.canonicalText)",
                    hint: "`from` names a for_each step, or lists step values: [a, b]"))
        }
        var found: [Candidate] = []
        for value in values {
            var candidate = Candidate(value: value, text: value["text"]?.stringValue ?? value.stringValue ?? "")
            if let score {
                candidate.score = try await conductor.evaluate(score, in: frame, with: [Self.candidateName: value])
                    .doubleValue
            }
            found.append(candidate)
        }
        let choice = choose.choose(found, verifier: verifier.flatMap { conductor.world.verifiers[$0] })
        _ = try await conductor.decided(
            step, in: &frame, ["rule": .string(rule), "index": .integer(Int64(choice.index))], ordinal: 1,
            words: "\(step.id): \(rule) takes \(choice.index + 1) of \(found.count)"
                + (choice.answer.map { ", answer \($0)" } ?? ""))
        let key = try await conductor.post(
            [
                "index": .integer(Int64(choice.index)), "text": .string(found[choice.index].text),
                "answer": choice.answer.map { .string($0) } ?? .null, "votes": .integer(Int64(choice.votes)),
                "value": found[choice.index].value,
            ], topic: step.id, at: frame.key(step), in: &frame)
        frame.scope[step.id] = .message(key)
    }
}
