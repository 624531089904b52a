internal import OrderedCollections
internal import StoaCore

/// `filter-problems`: online difficulty filtering; only what the solver solves sometimes teaches it anything.
///
/// Source: arXiv:2504.03380: a bound on the improvement is proportional to s(1 - s).
struct FilterProblemsTool: CurriculumTool {
    static let name = "filter-problems"
    static let summary =
        "Keeps problems whose success is within a band, and fills up to a number with those that are nearest to it."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems, "low": ToolSchema.number("the least success; 0.25"),
        "high": ToolSchema.number("the greatest success; 0.75"),
        "count": ToolSchema.integer("how many are kept; as many as are within the band"), "seed": ToolSchema.seed,
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let records = try arguments.problems()
        let low = try arguments.number("low", 0.25, in: 0...1)
        let high = try arguments.number("high", 0.75, in: 0...1)
        guard low <= high else { throw ToolArguments.failure("high", "no less than low", .number(high)) }
        let stream = try arguments.stream()
        func distance(_ index: Int) -> Double {
            let success = records[index].success ?? 0
            return success < low ? low - success : max(0, success - high)
        }
        let inside = records.indices.filter { distance($0) == 0 }
        let count = try arguments.integer("count", in: 0...1_000_000) ?? inside.count
        var chance = Chance(stream)
        var kept = Array(chance.shuffled(inside).prefix(count))
        let refill = records.indices.filter { distance($0) > 0 }
            .sorted { (distance($0), $0) < (distance($1), $1) }.prefix(max(0, count - kept.count))
        kept += refill
        let chosen = Set(kept)
        return [
            "kept": .array(records.indices.filter { chosen.contains($0) }.map { .object(records[$0].members) }),
            "dropped": .array(
                records.indices.filter { !chosen.contains($0) }.map { .string(records[$0].problem.id) }),
            "refilled": .integer(Int64(refill.count)),
        ]
    }

    func line(for value: JSONValue) -> String { "\(value["kept"]?.arrayValue?.count ?? 0) kept" }
}
