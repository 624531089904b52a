internal import OrderedCollections
internal import StoaCore

extension PlanFields {
    /// The keys of `evaluate`.
    public static let evaluation: [PlanField] = [
        PlanField("verifier", .verifier, "what compares a run's answer with the right one; absent: equivalent"),
        PlanField(
            "confidence", .string, "how sure a run is, 0 to 1: a step and a member of its value, such as verdict.score"),
    ]
}

extension PlanReader {
    /// Checks how runs over a set of problems are scored; who evaluates reads it from the document.
    func checkEvaluation(_ key: String) {
        guard let members = mapping(key) else { return }
        let reader = PlanReader(
            members, at: path[key], fields: PlanFields.evaluation, scope: scope, what: "'\(key)'", in: decoding)
        _ = reader.verifier("verifier")
        guard let place = reader.string("confidence") else { return }
        let parts = place.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, !parts.contains("") else {
            return reader.reportWrong(
                "confidence", expected: "a step and a member of its value", suggestion: "as in verdict.score")
        }
        guard decoding.outline.entries[parts[0]] == nil else { return }
        reader.report(
            "'confidence' names '\(parts[0])', which is no step", at: "confidence",
            suggestion: Suggestion.text(for: parts[0], among: Array(decoding.outline.entries.keys)))
    }
}
