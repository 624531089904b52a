internal import StoaCore

extension PlanFields {
    /// What a reply's text has to be.
    static let output: [PlanField] = [
        PlanField("schema", .mapping, "a JSON Schema: the reply is JSON that it accepts, read into the value's 'data'"),
        PlanField("regex", .string, "a regular expression that the whole reply matches"),
        PlanField("one_of", .strings, "texts, one of which is the reply"),
    ]
}

extension PlanReader {
    /// What a step says that its reply's text has to be; nil for any words.
    ///
    /// - Parameter others: keys that make no sense beside it.
    /// - Returns: what is said; nil where nothing is, or where it is wrong, which is reported.
    func constraint(besides others: [String]) -> OutputConstraint? {
        let given = PlanFields.output.map(\.key).filter { has($0) }
        guard let key = given.first else { return nil }
        if given.count > 1 {
            report(
                "'\(given[1])' and '\(key)' both say what the reply is", at: given[1], suggestion: "keep one of them")
        }
        for other in others where has(other) {
            report("'\(other)' ends a reply that '\(key)' describes to its end", at: other, suggestion: "leave it out")
        }
        switch key {
        case "schema":
            guard let members = mapping(key) else { return nil }
            do {
                return .schema(try JSONSchema(.object(members)))
            } catch {
                for problem in error.problems {
                    report("the schema is none at \(problem.path): \(problem.message)", at: key)
                }
                return nil
            }
        case "regex": return string(key).map { .regex($0) }
        default:
            let texts = strings(key) ?? []
            guard !texts.isEmpty, !texts.contains("") else {
                report("'one_of' needs texts that are not empty", at: key)
                return nil
            }
            return .choices(texts)
        }
    }
}
